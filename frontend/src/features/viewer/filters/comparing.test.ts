import { expect, test } from "vitest";
import type { FieldType } from "@/api/types";
import { isOfLabels, pairOf, partners } from "./comparing";

const field = (name: string, type: FieldType = "classification") => ({ name, type });
const fields = [field("boxes", "detections"), field("cnn"), field("ground_truth"), field("vit")];

test("a field is compared with others of its kind, numbers with numbers of any type", () => {
  const numbers = [field("score", "number"), field("rank", "integer"), field("mask", "segmentation")];
  expect(partners(field("score", "number"), numbers).map(({ name }) => name)).toEqual(["rank"]);
  expect(partners(field("mask", "segmentation"), [...numbers, field("other", "segmentation")])).toEqual([]);
});

test("the truth and a model suggest themselves", () => {
  expect(pairOf({}, fields)).toEqual(["ground_truth", "cnn"]);
  expect(pairOf({}, [field("cnn"), field("boxes", "detections")])).toBeNull();
  expect(pairOf({}, [field("boxes", "detections"), field("found", "detections")])).toEqual([
    "boxes",
    "found",
  ]);
});

test("the address decides, then the filter; a field that is gone or of another kind does not count", () => {
  const filter = { compare: ["cnn", "vit"] as [string, string], is: "agree" as const };
  expect(pairOf({ filter }, fields)).toEqual(["cnn", "vit"]);
  expect(pairOf({ filter, compare: ["vit", "ground_truth"] }, fields)).toEqual(["vit", "ground_truth"]);
  expect(pairOf({ compare: ["vit", "gone"] }, fields)).toEqual(["ground_truth", "cnn"]);
  expect(pairOf({ compare: ["vit", "boxes"] }, fields)).toEqual(["ground_truth", "cnn"]);
});

test("only two fields of one label have an order of disagreement", () => {
  expect(isOfLabels(["cnn", "vit"], fields)).toBe(true);
  expect(isOfLabels(["cnn", "boxes"], fields)).toBe(false);
});
