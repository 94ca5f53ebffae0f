import { expect, test } from "vitest";
import { tinted } from "./mask-pixels";

const colourOf = (index: number) => (index === 1 ? "#102030" : "#ffffff");

test("the background stays clear and each class has its colour, in place as beside", () => {
  const pixels = new Uint8ClampedArray([0, 0, 0, 255, 1, 1, 1, 255]);
  tinted(pixels, pixels, { isHeat: false, colourOf, opacity: 0.6 }, 4);
  expect([...pixels]).toEqual([255, 255, 255, 0, 16, 32, 48, 153]);
  const beside = new Uint8ClampedArray(8);
  tinted(Uint16Array.of(1, 300), beside, { isHeat: false, colourOf, opacity: 1 });
  expect([...beside]).toEqual([16, 32, 48, 255, 255, 255, 255, 255]);
});

test("a heat map is as opaque as it is warm", () => {
  const pixels = new Uint8ClampedArray([0, 0, 0, 255, 200, 200, 200, 255]);
  tinted(pixels, pixels, { isHeat: true, colourOf, opacity: 0.5 }, 4);
  expect([...pixels]).toEqual([230, 60, 30, 0, 230, 60, 30, 100]);
});
