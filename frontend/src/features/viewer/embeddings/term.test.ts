import { expect, test } from "vitest";
import type { Filter } from "@/lib/filter";
import { words } from "@/lib/filter-words";
import { loopsOf, modeOf, withLoop, withoutLoops } from "./term";

const A: [number, number][] = [
  [0, 0],
  [1, 0],
  [1, 1],
];
const B: [number, number][] = [
  [5, 5],
  [6, 5],
  [6, 6],
];
const OTHER: Filter = { field: "truth.label", op: "eq", value: "cat" };

test("what is drawn stands beside the other conditions and takes the place of what was drawn", () => {
  const first = withLoop(OTHER, 3, A, "replace");
  expect(first).toEqual({ and: [OTHER, { projection: 3, within: [{ add: A }] }] });
  expect(withLoop(first, 3, B, "replace")).toEqual({ and: [OTHER, { projection: 3, within: [{ add: B }] }] });
  expect(withoutLoops(first, 3)).toEqual(OTHER);
  expect(withoutLoops(withLoop(undefined, 3, A, "replace"), 3)).toBeUndefined();
});

test("with Shift it is added, with Alt taken out", () => {
  const both = withLoop(withLoop(undefined, 3, A, "replace"), 3, B, "add");
  expect(loopsOf(both, 3)).toEqual([{ add: A }, { add: B }]);
  expect(loopsOf(withLoop(both, 3, A, "subtract"), 3)).toEqual([{ add: A }, { add: B }, { subtract: A }]);
  expect(withLoop(undefined, 3, A, "subtract")).toBeUndefined();
  expect(modeOf({ shiftKey: true, altKey: false })).toBe("add");
  expect(modeOf({ shiftKey: false, altKey: true })).toBe("subtract");
  expect(modeOf({ shiftKey: false, altKey: false })).toBe("replace");
});

test("what means nothing, or is one too many, changes nothing", () => {
  expect(withLoop(OTHER, 3, A.slice(0, 2), "replace")).toBe(OTHER);
  let filter = withLoop(undefined, 3, A, "replace");
  for (let index = 0; index < 30; index += 1) filter = withLoop(filter, 3, B, "add");
  expect(loopsOf(filter, 3)).toHaveLength(20);
});

test("another projection's lines stay", () => {
  const filter = withLoop(withLoop(undefined, 3, A, "replace"), 4, B, "replace");
  expect(loopsOf(filter, 3)).toEqual([{ add: A }]);
  expect(loopsOf(filter, 4)).toEqual([{ add: B }]);
});

test("the condition is told in words", () => {
  expect(words({ projection: 3, within: [{ add: A }] })).toBe("drawn around in projection 3");
});
