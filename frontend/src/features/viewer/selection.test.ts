import { expect, test } from "vitest";
import { extendedTo, NOTHING, toggledIn } from "./selection";

const order = [10, 11, 12, 13, 14];

test("picking twice takes it back", () => {
  expect([...toggledIn(toggledIn(NOTHING, 10), 10).ids]).toEqual([]);
});

test("a range runs from the last picked sample, in either direction, and keeps what was picked before", () => {
  const some = toggledIn(toggledIn(NOTHING, 10), 13);
  expect([...extendedTo(some, 11, order).ids].sort()).toEqual([10, 11, 12, 13]);
  expect([...extendedTo(some, 14, order).ids].sort()).toEqual([10, 13, 14]);
});

test("a range without a beginning picks the one sample", () => {
  expect([...extendedTo(NOTHING, 12, order).ids]).toEqual([12]);
});
