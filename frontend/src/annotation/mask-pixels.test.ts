import { expect, test } from "vitest";
import { tinted } from "./mask-pixels";

test("the background stays clear and each class has its colour", () => {
  const pixels = new Uint8ClampedArray([0, 0, 0, 255, 1, 1, 1, 255]);
  tinted(pixels, "segmentation", ["#ffffff", "#102030"]);
  expect([...pixels]).toEqual([255, 255, 255, 0, 16, 32, 48, 120]);
});

test("a heat map is as opaque as it is warm", () => {
  const pixels = new Uint8ClampedArray([0, 0, 0, 255, 200, 200, 200, 255]);
  tinted(pixels, "heatmap", ["#ff0000"]);
  expect([...pixels]).toEqual([255, 0, 0, 0, 255, 0, 0, 150]);
});
