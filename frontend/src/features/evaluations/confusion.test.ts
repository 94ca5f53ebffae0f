import { expect, test } from "vitest";
import { cellCount, cellFilter, cellWords, neighbour, readable, strengths } from "./confusion";

test("only the most frequent classes are shown, in their order, and none stays", () => {
  const confusion = {
    classes: ["a", "b", "c", null],
    matrix: [
      [5, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 3, 1],
      [1, 0, 0, 0],
    ],
  };
  expect(readable(confusion, 2)).toEqual({
    classes: ["a", "c", null],
    matrix: [
      [5, 0, 0],
      [0, 3, 1],
      [1, 0, 0],
    ],
    left: 1,
  });
  expect(readable(confusion).left).toBe(0);
});

test("a cell is as strong as its share of its row, and a single error still shows", () => {
  const [first, second] = strengths([
    [9999, 1],
    [0, 0],
  ]);
  expect(first?.[0]).toBeCloseTo(1, 2);
  expect(first?.[1]).toBeGreaterThan(0.1);
  expect(second).toEqual([0, 0]);
});

test("a cell is said in words, and its filter is the API's", () => {
  expect(cellWords("cat", "dog")).toBe("cat taken for dog");
  expect(cellWords("cat", "cat")).toBe("cat right");
  expect(cellWords("cat", null)).toBe("cat missed");
  expect(cellWords(null, "dog")).toBe("dog made up");
  expect(cellFilter(7, "cat", null)).toEqual({ evaluation: 7, actual: "cat", predicted: null });
});

test("large numbers fit into a cell", () => {
  expect([cellCount(9999), cellCount(1_234_567)]).toEqual(["9999", "1.2M"]);
});

test("arrow keys skip empty cells and stop at the edge", () => {
  const matrix = [
    [1, 0, 2],
    [0, 0, 0],
    [3, 0, 0],
  ];
  expect(neighbour(matrix, [0, 0], "ArrowRight")).toEqual([0, 2]);
  expect(neighbour(matrix, [0, 0], "ArrowDown")).toEqual([2, 0]);
  expect(neighbour(matrix, [2, 0], "ArrowRight")).toBeNull();
  expect(neighbour(matrix, [0, 0], "Enter")).toBeNull();
});
