import { expect, test } from "vitest";
import type { Field } from "@/api/types";
import { colourOf } from "@/lib/colours";
import { chipsOf, spoken } from "./labels";

const field = (type: Field["type"], colors: Record<string, string> = {}): Field => ({
  name: "predictions",
  type,
  classes: [],
  colors,
  attributes: {},
  dimension: null,
  created_by_job: null,
  value_count: 0,
});

test("a classification is one chip in its label's colour", () => {
  expect(chipsOf(field("classification"), { label: "3", confidence: 0.9 })).toEqual([
    { text: "3", confidence: 0.9, colour: colourOf("3") },
  ]);
});

test("many boxes of one label share a chip with their number and best confidence", () => {
  const boxes = [
    { label: "car", bounding_box: [0, 0, 1, 1], confidence: 0.4 },
    { label: "car", bounding_box: [0, 0, 1, 1], confidence: 0.8 },
    { label: "dog", bounding_box: [0, 0, 1, 1] },
  ];
  expect(chipsOf(field("detections", { car: "#123456" }), boxes)).toEqual([
    { text: "car ×2", confidence: 0.8, colour: "#123456" },
    { text: "dog", confidence: null, colour: colourOf("dog") },
  ]);
});

test("plain values are chips in the field's colour; vectors and maps are none", () => {
  expect(chipsOf(field("regression"), { value: 1.23456 })[0]?.text).toBe("1.23");
  expect(chipsOf(field("boolean"), false)[0]?.text).toBe("false");
  expect(chipsOf(field("embedding"), [1, 2])).toEqual([]);
  expect(chipsOf(field("string"), null)).toEqual([]);
});

test("what the chips show can be read out", () => {
  const fields = [field("classification"), { ...field("string"), name: "split" }];
  expect(spoken(fields, { predictions: { label: "8", confidence: 0.617 }, split: "test" })).toBe(
    "predictions: 8 (0.62), split: test",
  );
  expect(spoken(fields, {})).toBe("");
});
