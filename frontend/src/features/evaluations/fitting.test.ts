import { expect, test } from "vitest";
import type { Field, FieldType } from "@/api/types";
import { comparable, fitting, likelyPredictions, likelyTruth } from "./fitting";

const field = (name: string, type: FieldType, created_by_job: number | null = null): Field => ({
  name,
  type,
  created_by_job,
  classes: [],
  colors: {},
  attributes: {},
  dimension: null,
  value_count: 1,
});
const FIELDS = [
  field("ground_truth", "classification"),
  field("old", "classification", 3),
  field("new", "classification", 8),
  field("boxes", "detections"),
  field("size", "number"),
  field("height_m", "regression"),
];
const names = (fields: Field[]) => fields.map(({ name }) => name);

test("fields of one kind fit, and those that fit nothing are not offered", () => {
  expect(names(comparable(FIELDS))).toEqual(["ground_truth", "old", "new", "size", "height_m"]);
  expect(names(fitting(FIELDS, FIELDS[1]))).toEqual(["ground_truth", "new"]);
  expect(names(fitting(FIELDS, FIELDS[4]))).toEqual(["height_m"]);
  expect(fitting(FIELDS, undefined)).toEqual([]);
});

test("what a job wrote last is likely to be judged, by what is called truth", () => {
  expect(likelyPredictions(comparable(FIELDS))?.name).toBe("new");
  expect(likelyTruth(fitting(FIELDS, FIELDS[2]))?.name).toBe("ground_truth");
  expect(likelyTruth([])).toBeUndefined();
});
