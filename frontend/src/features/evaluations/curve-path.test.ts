import { expect, test } from "vitest";
import { path, x, y } from "./curve-path";

test("a line goes from recall to recall and ends where nothing more is found", () => {
  const round = (value: number) => Math.round(value * 10) / 10;
  expect(path([1, 0.5, 0])).toBe(`M${round(x(0))} ${round(y(1))}L${round(x(0.5))} ${round(y(0.5))}`);
  expect(path([0, 0])).toBe("");
});
