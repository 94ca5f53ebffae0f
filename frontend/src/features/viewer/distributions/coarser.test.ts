import { expect, test } from "vitest";
import { coarser } from "./coarser";

const bins = (number: number) =>
  Array.from({ length: number }, (_, index) => ({ from: index, to: index + 1, count: 2 }));

test("neighbours come together, and no sample is lost", () => {
  expect(coarser(bins(4), 2)).toEqual([
    { from: 0, to: 2, count: 4 },
    { from: 2, to: 4, count: 4 },
  ]);
  expect(coarser(bins(7), 3).map(({ from, to, count }) => [from, to, count])).toEqual([
    [0, 3, 6],
    [3, 6, 6],
    [6, 7, 2],
  ]);
});

test("few enough stay as they are", () => {
  expect(coarser(bins(3), 10)).toEqual(bins(3));
  expect(coarser([], 10)).toEqual([]);
});
