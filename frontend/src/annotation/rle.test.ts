import { expect, test } from "vitest";
import { boundsOfPixels, columnsOf, pixelsOf, rleOf, runsOf } from "./rle";

test("pixels survive run lengths, column by column", () => {
  const pixels = new Uint8Array([0, 1, 1, 0, 1, 0]);
  const rle = rleOf(pixels, 3, 2);
  expect(rle).toEqual({ size: [2, 3], counts: [2, 3, 1] });
  expect(pixelsOf(rle)).toEqual(pixels);
});

test("a mask that begins inside begins with an empty run", () => {
  expect(rleOf(new Uint8Array([1, 1]), 1, 2).counts).toEqual([0, 2]);
});

test("the compressed text of COCO is read", () => {
  // rleToString of maskApi.c over a 4 x 4 picture whose middle 2 x 2 is inside.
  expect(runsOf({ size: [4, 4], counts: "52203" })).toEqual([5, 2, 2, 2, 5]);
});

test("a run over several columns is drawn as one stretch in each", () => {
  expect([...columnsOf({ size: [2, 3], counts: [1, 4, 1] })]).toEqual([
    [0, 1, 2],
    [1, 0, 2],
    [2, 0, 1],
  ]);
});

test("the box around a mask, and none around nothing", () => {
  expect(boundsOfPixels(new Uint8Array([0, 0, 0, 1]), 2, 2)).toEqual([0.5, 0.5, 0.5, 0.5]);
  expect(boundsOfPixels(new Uint8Array(4), 2, 2)).toBeNull();
});
