import { expect, test } from "vitest";
import { DraftsInMemory } from "./drafts";
import { Saver } from "./saving";
import type { Answer, Sent, Write, Written } from "./saving-ports";

const done = (revisions: Record<string, number>): Answer => ({ kind: "done", revisions, conflicts: [] });
const write = (sample: number, value: unknown, seen = 0): Write => ({
  ...{ sample, field: "kind", name: `${sample}.png`, value, seen },
});

interface Asked {
  field: string;
  values: readonly Sent[];
  answer: (answer: Answer) => void;
  breakOff: () => void;
}

/** A saver whose server answers when it is told to. */
function desk() {
  const drafts = new DraftsInMemory();
  const asked: Asked[] = [];
  const written: Written[] = [];
  const waiting: (() => void)[] = [];
  const saver = new Saver({
    ...{ dataset: 1, user: 7, drafts, now: () => 1000 },
    send: (field, values) =>
      new Promise((answer, reject) => {
        const breakOff = () => reject(new SyntaxError("Unexpected end of JSON input"));
        asked.push({ field, values, answer, breakOff });
      }),
    onWritten: (each) => written.push(...each),
    later: (act) => waiting.push(act),
  });
  return { saver, drafts, asked, written, waiting, kept: () => drafts.of(1, 7) };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test("a change is a draft before it is sent, and none any more once it is stored", async () => {
  const { saver, asked, kept, written } = desk();
  saver.write([write(3, "a", 2)]);
  await settled();
  expect(await kept()).toMatchObject([{ sample: 3, value: "a", seen: 2, user: 7 }]);
  expect(asked[0]?.values).toEqual([{ sample: 3, value: "a", revision: 2 }]);
  expect(saver.snapshot().state).toBe("saving");
  asked[0]?.answer(done({ 3: 3 }));
  await settled();
  expect(saver.snapshot().state).toBe("saved");
  expect(written).toEqual([{ sample: 3, field: "kind", value: "a", revision: 3 }]);
  expect(await kept()).toEqual([]);
});

test("what changes while it is being sent is sent again, over the revision just written", async () => {
  const { saver, asked, kept } = desk();
  saver.write([write(3, "a")]);
  await settled();
  saver.write([write(3, "b", 99)]);
  await settled();
  expect(asked).toHaveLength(1);
  asked[0]?.answer(done({ 3: 1 }));
  await settled();
  expect(asked[1]?.values).toEqual([{ sample: 3, value: "b", revision: 1 }]);
  expect(await kept()).toMatchObject([{ value: "b", seen: 1 }]);
  asked[1]?.answer(done({ 3: 2 }));
  await settled();
  expect(saver.snapshot().state).toBe("saved");
});

test("a change whose answer broke off is kept and sent again", async () => {
  const { saver, asked, waiting, kept } = desk();
  saver.write([write(3, "a")]);
  await settled();
  asked[0]?.breakOff();
  await settled();
  expect(saver.snapshot().state).toBe("offline");
  expect(await kept()).toHaveLength(1);
  waiting[0]?.();
  await settled();
  asked[1]?.answer(done({ 3: 1 }));
  await settled();
  expect(saver.snapshot().state).toBe("saved");
});

test("without a server the change is kept and sent again later", async () => {
  const { saver, asked, waiting, kept } = desk();
  saver.write([write(3, "a")]);
  await settled();
  asked[0]?.answer({ kind: "silent" });
  await settled();
  expect(saver.snapshot().state).toBe("offline");
  expect(await kept()).toHaveLength(1);
  waiting[0]?.();
  await settled();
  asked[1]?.answer(done({ 3: 1 }));
  await settled();
  expect(saver.snapshot().state).toBe("saved");
});

test("a conflict holds both values until somebody decides", async () => {
  const { saver, asked, kept, written } = desk();
  saver.write([write(3, "mine", 1), write(4, "other", 1)]);
  await settled();
  asked[0]?.answer({
    ...done({ 4: 2 }),
    conflicts: [{ sample: 3, theirs: "theirs", revision: 5 }],
  } as Answer);
  await settled();
  expect(saver.snapshot().state).toBe("conflict");
  expect(saver.pending(3, "kind")).toMatchObject({
    value: "mine",
    conflict: { theirs: "theirs", revision: 5 },
  });
  expect(await kept()).toMatchObject([{ sample: 3, value: "mine" }]);
  saver.resolve(3, "kind", { keep: "mine" });
  await settled();
  expect(asked[1]?.values).toEqual([{ sample: 3, value: "mine", revision: 5 }]);
  asked[1]?.answer(done({ 3: 6 }));
  await settled();
  expect(saver.snapshot().state).toBe("saved");
  expect(written.at(-1)).toMatchObject({ value: "mine", revision: 6 });
});

test("theirs taken over ends a conflict without another request", async () => {
  const { saver, asked, kept, written } = desk();
  saver.write([write(3, "mine", 1)]);
  await settled();
  asked[0]?.answer({
    kind: "done",
    revisions: {},
    conflicts: [{ sample: 3, theirs: "theirs", revision: 5 }],
  });
  await settled();
  saver.resolve(3, "kind", "theirs");
  await settled();
  expect(asked).toHaveLength(1);
  expect(written).toEqual([{ sample: 3, field: "kind", value: "theirs", revision: 5, theirs: true }]);
  expect(await kept()).toEqual([]);
});

test("of several values refused together only the one that is wrong stays refused", async () => {
  const { saver, asked } = desk();
  saver.write([write(3, "good"), write(4, "bad")]);
  await settled();
  asked[0]?.answer({ kind: "refused", message: "bad is no class" });
  await settled();
  expect(asked.slice(1).map(({ values }) => values.map(({ sample }) => sample))).toEqual([[3], [4]]);
  asked[1]?.answer(done({ 3: 1 }));
  asked[2]?.answer({ kind: "refused", message: "bad is no class" });
  await settled();
  expect(saver.snapshot()).toMatchObject({
    state: "refused",
    unsaved: [{ sample: 4, refused: "bad is no class" }],
  });
  saver.discard(4, "kind");
  expect(saver.snapshot().state).toBe("saved");
});

test("of what is sent as a difference, the next one begins where the last one ended", async () => {
  const { saver, asked, written } = desk();
  saver.write([{ ...write(3, ["a", "b"]), base: ["a"] }]);
  await settled();
  saver.write([{ ...write(3, ["b"]), base: ["a", "b"] }]);
  expect(asked[0]?.values).toMatchObject([{ value: ["a", "b"], base: ["a"] }]);
  asked[0]?.answer({ ...(done({ 3: 0 }) as Answer & { kind: "done" }), values: { 3: ["a", "theirs", "b"] } });
  await settled();
  expect(written.at(-1)?.value).toEqual(["a", "theirs", "b"]);
  expect(asked[1]?.values).toMatchObject([{ value: ["b"], base: ["a", "b"] }]);
});
