import { expect, test } from "vitest";
import { batchesOf } from "./batches";

const file = (name: string, size = 1000) => ({ name, size });

test("images go in groups and every file goes exactly once", () => {
  const files = Array.from({ length: 250 }, (_, index) => file(`${index}.png`));
  const batches = batchesOf(files);
  expect(batches.map((batch) => batch.length)).toEqual([100, 100, 50]);
  expect(batches.flat()).toEqual(files);
});

test("a zip travels alone and large images share a request only while it stays small", () => {
  const big = 40 * 1024 * 1024;
  const batches = batchesOf([file("a.png", big), file("all.ZIP"), file("b.png", big), file("c.png")]);
  expect(batches.map((batch) => batch.map(({ name }) => name))).toEqual([
    ["all.ZIP"],
    ["a.png"],
    ["b.png", "c.png"],
  ]);
});
