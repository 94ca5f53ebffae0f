import { expect, test } from "vitest";
import { className, isOfBytes } from "./mask-pictures";

const header = (depth: number, kind: number) => {
  const bytes = new Uint8Array(30);
  bytes.set([depth, kind], 24);
  return new Blob([bytes]);
};

test.each([
  [8, 0, true],
  [16, 0, false],
  [1, 0, false],
  [8, 3, false],
])("a browser shows the numbers of a PNG of %i bits and kind %i: %s", async (depth, kind, expected) => {
  expect(await isOfBytes(header(depth, kind))).toBe(expected);
});

test("class numbers are called by the field, and 255 beside fewer classes is void", () => {
  const field = { classes: ["background", "road"] };
  expect([0, 1, 2, 255].map((index) => className(field, index))).toEqual([
    "background",
    "road",
    "class 2",
    "void",
  ]);
  expect(className({ classes: [] }, 255)).toBe("class 255");
});
