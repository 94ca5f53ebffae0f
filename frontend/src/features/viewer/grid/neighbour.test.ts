import { expect, test } from "vitest";
import type { Sample } from "@/api/types";
import type { Row } from "./layout";
import { neighbour } from "./neighbour";

const row = (...samples: [id: number, width: number][]): Row => ({
  height: 100,
  samples: samples.map(([id, width]) => ({ sample: { id } as Sample, width })),
});
const rows = [row([1, 100], [2, 100], [3, 100]), row([4, 250], [5, 50]), row([6, 100])];
const after = (from: number, key: string) => neighbour(rows, from, key)?.sample;

test("left and right go on in the row before and after", () => {
  expect(after(1, "ArrowRight")).toBe(2);
  expect(after(3, "ArrowRight")).toBe(4);
  expect(after(4, "ArrowLeft")).toBe(3);
});

test("up and down lead to the picture whose middle is nearest", () => {
  expect(after(2, "ArrowDown")).toBe(4);
  expect(after(3, "ArrowDown")).toBe(5);
  expect(after(5, "ArrowUp")).toBe(3);
});

test("nothing lies beyond the edges, and other keys do not move", () => {
  expect(after(1, "ArrowLeft")).toBeUndefined();
  expect(after(6, "ArrowDown")).toBeUndefined();
  expect(after(6, "ArrowRight")).toBeUndefined();
  expect(after(2, "x")).toBeUndefined();
});

test("Home and End lead to the first and the last picture", () => {
  expect(neighbour(rows, 5, "Home")).toEqual({ row: 0, sample: 1 });
  expect(neighbour(rows, 1, "End")).toEqual({ row: 2, sample: 6 });
});
