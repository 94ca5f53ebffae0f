import { expect, test } from "vitest";
import type { Sample } from "@/api/types";
import { gap, moreRows, rowHeight, rowsOf } from "./layout";

const picture = (id: number, width: number, height: number) => ({ id, width, height }) as Sample;

test("full rows fill the width exactly and keep every picture's shape", () => {
  const samples = Array.from({ length: 40 }, (_, index) => picture(index, 100 + (index % 5) * 40, 120));
  const rows = rowsOf(samples, 1000, 150);
  expect(rows.flatMap((row) => row.samples).map(({ sample }) => sample.id)).toEqual(
    samples.map(({ id }) => id),
  );
  for (const row of rows.slice(0, -1)) {
    const used = row.samples.reduce((sum, { width }) => sum + width, 0) + gap * (row.samples.length - 1);
    expect(used).toBeCloseTo(1000);
    for (const { sample, width } of row.samples) {
      expect(width / row.height).toBeCloseTo(sample.width / sample.height);
    }
  }
});

test("a last row that is not full keeps the wished height", () => {
  expect(rowsOf([picture(1, 100, 100)], 1000, 150)[0]?.height).toBe(150);
});

test("a picture without a size and an extreme one still get a place", () => {
  const rows = rowsOf([picture(1, 0, 0), picture(2, 10_000, 10)], 600, 100);
  expect(rows.every((row) => Number.isFinite(row.height) && row.height > 0)).toBe(true);
});

test("each zoom step is larger than the one before", () => {
  const heights = Array.from({ length: 11 }, (_, zoom) => rowHeight(zoom));
  expect(heights).toEqual([...heights].sort((a, b) => a - b));
});

test("when more samples come, full rows stay as they were and the result is the same", () => {
  const samples = Array.from({ length: 90 }, (_, index) => picture(index, 100 + (index % 7) * 30, 120));
  const before = rowsOf(samples.slice(0, 47), 1000, 150);
  const after = moreRows(before, samples, 1000, 150);
  expect(after).toEqual(rowsOf(samples, 1000, 150));
  expect(after[0]).toBe(before[0]);
});

test("from the first sample that changed on, rows are made anew", () => {
  const samples = Array.from({ length: 60 }, (_, index) => picture(index, 120, 120));
  const before = rowsOf(samples, 1000, 150);
  const changed = samples.map((sample) => (sample.id === 20 ? { ...sample, tags: ["x"] } : sample));
  const after = moreRows(before, changed, 1000, 150);
  expect(after).toEqual(rowsOf(changed, 1000, 150));
  expect([after[0] === before[0], after[4] === before[4]]).toEqual([true, false]);
});
