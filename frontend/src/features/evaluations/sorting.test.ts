import { expect, test } from "vitest";
import type { ClassScore } from "@/api/types";
import { columnsOf, order, sorted, toggled } from "./sorting";

const row = (label: string, f1: number, rest: Partial<ClassScore> = {}): ClassScore => ({
  label,
  f1,
  precision: 0.5,
  recall: 0.5,
  support: 1,
  ...rest,
});
const ROWS = [row("10", 0.2), row("9", 0.8, { ap: 0.4 }), row("b", 0.5)];
const labels = (sort?: string) => sorted(ROWS, sort).map(({ label }) => label);

test("classes are sorted by any column, both ways, and stay as they came without one", () => {
  expect(labels()).toEqual(["10", "9", "b"]);
  expect(labels("f1")).toEqual(["10", "b", "9"]);
  expect(labels("-f1")).toEqual(["9", "b", "10"]);
  expect(labels("label")).toEqual(["9", "10", "b"]);
  expect(labels("-ap")[0]).toBe("9");
  expect(labels("nonsense")).toEqual(["10", "9", "b"]);
});

test("only columns with values are there", () => {
  expect(columnsOf(ROWS).map(([column]) => column)).toEqual([
    "label",
    "support",
    "precision",
    "recall",
    "f1",
    "ap",
  ]);
});

test("a click sorts up, then down, then not at all", () => {
  expect(toggled(undefined, "f1")).toBe("f1");
  expect(toggled("f1", "f1")).toBe("-f1");
  expect(toggled("-f1", "f1")).toBeUndefined();
  expect(order("-f1")).toEqual({ column: "f1", down: true });
});
