import { expect, test } from "vitest";
import { Changes, type Step } from "./changes";
import { History } from "./history";
import { merged } from "./merging";

const step = (sample: number, before: unknown, after: unknown): Step => ({
  what: "labelled",
  parts: [{ sample, field: "kind", name: `${sample}.png`, before, after }],
});

function desk() {
  const changes = new Changes();
  const history = new History(changes);
  const values = new Map<number, unknown>();
  changes.on(({ parts }) => {
    for (const { sample, after } of parts) values.set(sample, after);
  });
  return { changes, history, values };
}

test("undo goes back over samples, the last change first, and redo forth again", () => {
  const { changes, history, values } = desk();
  changes.emit(step(1, null, "a"), "made");
  changes.emit(step(2, null, "b"), "made");
  expect(history.undo()?.parts[0]?.sample).toBe(2);
  expect(values.get(2)).toBeNull();
  expect(history.undo()?.parts[0]?.sample).toBe(1);
  expect(history.undo()).toBeNull();
  history.redo();
  expect([values.get(1), values.get(2)]).toEqual(["a", null]);
});

test("a new change ends what could be done again", () => {
  const { changes, history } = desk();
  changes.emit(step(1, null, "a"), "made");
  history.undo();
  changes.emit(step(1, null, "b"), "made");
  expect(history.canRedo).toBe(false);
  expect(history.redo()).toBeNull();
});

test("merged lists hold both people's labels, and once what both have", () => {
  const mine = [
    { id: "a", label: "car" },
    { id: "b", label: "moved by me" },
  ];
  const theirs = [
    { id: "a", label: "car" },
    { id: "b", label: "moved by them" },
    { id: "c", label: "new" },
  ];
  const both = merged("detections", mine, theirs);
  expect(both.map(({ label }) => label)).toEqual(["car", "moved by me", "moved by them", "new"]);
  expect(new Set(both.map(({ id }) => id)).size).toBe(4);
});
