import { expect, test } from "vitest";
import type { Field } from "@/api/types";
import { sortFor, sortOptions } from "./sort";

const field = (name: string, type: Field["type"]) => ({ name, type }) as Field;
const fields = [
  field("truth", "classification"),
  field("boxes", "detections"),
  field("mask", "segmentation"),
];
const labels = (sort?: string) =>
  sortOptions(fields, ["truth", "cnn"], sort).flatMap(({ items }) => items.map(({ label }) => label));

test("every field with confidences offers the least confident first", () => {
  expect(labels()).toContain("truth: least confident first");
  expect(labels()).toContain("boxes: least confident first");
  expect(labels().join()).not.toContain("mask");
});

test("the chosen one is told in its direction", () => {
  expect(labels("-truth.confidence")).toContain("truth: most confident first");
});

test("two compared fields start with the most disagreeing", () => {
  expect(labels()).toContain("truth, cnn: most disagreeing first");
  expect(sortFor("compare:truth,cnn")).toBe("-compare:truth,cnn");
  expect(labels("compare:truth,cnn")).toContain("truth, cnn: most agreeing first");
  expect(sortFor("")).toBeUndefined();
});
