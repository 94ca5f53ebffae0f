import { expect, test } from "vitest";
import { amounts, decoded, encoded, resized } from "./runs";

test("runs are read and written to the pixel, classes of 16 bits too", () => {
  const said = { size: [2, 3] as const, runs: "0 1 300 3 7 2" };
  expect([...decoded(said)]).toEqual([0, 300, 300, 300, 7, 7]);
  expect(encoded(decoded(said), said.size)).toEqual(said);
  expect(amounts(said)).toEqual(new Map([[0, 1], [300, 3], [7, 2]])); // biome-ignore format: a line
});

test("any picture comes back as it was", () => {
  const pixels = Uint16Array.from({ length: 35 * 21 }, (_, at) => (at * 7919) % 5);
  expect(decoded(encoded(pixels, [35, 21]))).toEqual(pixels);
});

test("another size takes the nearest pixel and mixes nothing", () => {
  expect([...resized(Uint16Array.of(3, 5), [1, 2], [2, 4])]).toEqual([3, 3, 5, 5, 3, 3, 5, 5]);
  const same = Uint16Array.of(1);
  expect(resized(same, [1, 1], [1, 1])).toBe(same);
});
