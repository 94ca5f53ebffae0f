import { expect, test } from "vitest";
import { flood, paint, paintPolygon, type Sheet } from "./pixels";

const blank = (width: number, height: number): Sheet => ({
  ...{ width, height },
  pixels: new Uint16Array(width * height),
});
const rows = ({ pixels, width, height }: Sheet) =>
  Array.from({ length: height }, (_, y) => [...pixels.slice(y * width, (y + 1) * width)].join(""));

test("a stroke paints what is near it, and says where", () => {
  const sheet = blank(9, 5);
  const area = paint(sheet, [[0.28, 0.5], [0.72, 0.5]], 1.2, 4); // biome-ignore format: a line
  expect(rows(sheet)).toEqual(["000000000", "004444400", "044444440", "004444400", "000000000"]);
  expect(area).toEqual({ left: 0, top: 0, right: 9, bottom: 5 });
});

test("the smallest brush still paints the pixel it is on, also at the edge", () => {
  const sheet = blank(3, 2);
  paint(sheet, [[1.2, 1]], 0, 1); // biome-ignore format: a line
  expect(rows(sheet)).toEqual(["000", "001"]);
});

test("a polygon is filled to its edges, a crossing one by even and odd", () => {
  const sheet = blank(6, 4);
  paintPolygon(sheet, [[1 / 6, 1 / 4], [5 / 6, 1 / 4], [5 / 6, 3 / 4], [1 / 6, 3 / 4]], 2); // biome-ignore format: a line
  expect(rows(sheet)).toEqual(["000000", "022220", "022220", "000000"]);
  const twice = blank(4, 4);
  paintPolygon(twice, [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0], [1, 0], [1, 1], [0, 1]], 1); // biome-ignore format: a line
  expect(rows(twice).join("")).toBe("0".repeat(16));
});

test("a region is filled up to other classes, around corners and not across a diagonal", () => {
  const sheet = blank(5, 4);
  sheet.pixels.set([0, 1, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 1, 0]);
  const area = flood(sheet, [0.1, 0.1], 3);
  expect(rows(sheet)).toEqual(["31333", "31311", "33310", "11110"]);
  expect(area).toEqual({ left: 0, top: 0, right: 5, bottom: 3 });
  expect(flood(sheet, [0.1, 0.1], 3)).toEqual({ left: 0, top: 0, right: 0, bottom: 0 });
});

test("a region does not run over the picture's side into the next row", () => {
  const sheet = blank(3, 3);
  sheet.pixels.set([1, 1, 0, 1, 1, 1, 0, 1, 1]);
  flood(sheet, [0.9, 0.1], 2);
  expect(rows(sheet)).toEqual(["112", "111", "011"]);
});
