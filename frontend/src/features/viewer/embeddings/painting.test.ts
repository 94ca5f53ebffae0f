import { expect, test } from "vitest";
import type { Field, Points } from "@/api/types";
import { coloursOf, legendOf } from "./colouring";
import { painted } from "./painting";

const SCALE = { scale: 1, left: 0, top: 40 };
const cloud = { x: [10, 30], y: [30, 10] };
const colours = Uint32Array.from([0xff0000, 0x0000ff]);

/** Red, green, blue and opacity of a pixel, as a canvas takes them. */
const pixel = (pixels: Uint32Array, x: number, y: number) => [
  ...new Uint8Array(pixels.buffer, (y * 40 + x) * 4, 4),
];

test("points are drawn where they are, in their colours", () => {
  const pixels = painted(cloud, SCALE, 40, 40, { colours, chosen: null, ratio: 1 });
  expect(pixel(pixels, 10, 10)).toEqual([255, 0, 0, 255]);
  expect(pixel(pixels, 30, 30)).toEqual([0, 0, 255, 255]);
  expect(pixel(pixels, 20, 20)).toEqual([0, 0, 0, 0]);
});

test("what is not chosen stands back", () => {
  const chosen = Uint8Array.from([0, 1]);
  const pixels = painted(cloud, SCALE, 40, 40, { colours, chosen, ratio: 1 });
  expect(pixel(pixels, 10, 10)[3]).toBeLessThan(100);
  expect(pixel(pixels, 30, 30)[3]).toBe(255);
});

test("points beyond the edge are cut off", () => {
  const pixels = painted({ x: [-1, 39.6], y: [20, 20] }, SCALE, 40, 40, { colours, chosen: null, ratio: 1 });
  expect(pixel(pixels, 0, 20)).toEqual([255, 0, 0, 255]);
  expect(pixel(pixels, 39, 20)).toEqual([0, 0, 255, 255]);
});

test("labels have the colours that the field says, and the legend counts them", () => {
  const points = { samples: [1, 2, 3, 4], classes: ["cat", "dog"], labels: [0, 0, 1, null] } as Points;
  const field = { name: "truth", type: "classification", colors: { cat: "#102030" } } as unknown as Field;
  const found = coloursOf(points, field);
  expect(found[0]).toBe(0x102030);
  expect(found[0]).toBe(found[1]);
  expect(new Set(found).size).toBe(3);
  expect(legendOf(points)).toEqual({
    labels: [
      ["cat", 2],
      ["dog", 1],
    ],
    none: 1,
  });
});
