import { expect, test } from "vitest";
import type { Field } from "@/api/types";
import { colourOf } from "@/lib/colours";
import { contained } from "./layout";
import { overlaysOf } from "./overlays";

const field = (name: string, type: Field["type"], more: Partial<Field> = {}): Field => ({
  name,
  type,
  classes: [],
  colors: {},
  attributes: {},
  dimension: null,
  created_by_job: null,
  value_count: 0,
  ...more,
});

const boxes = field("boxes", "detections", { colors: { car: "#123456" } });
const values = {
  boxes: [{ label: "car", bounding_box: [0.1, 0.2, 0.3, 0.4] }, { label: "no box" }],
  lanes: [{ label: "lane", points: [[[0, 0], [1, 1]]], closed: true, filled: true }], // biome-ignore format: a line
  mask: { url: "/mask?v=1", width: 4, height: 4 },
  truth: { label: "street" },
};
const colours = (by: "label" | "field") =>
  overlaysOf([boxes], values, by).outlines.flatMap(({ labels, colourOf }) => labels.map(colourOf));

test("what lies on a picture comes in the colour of its label, or of its field", () => {
  expect(colours("label")).toEqual(["#123456"]);
  expect(colours("field")).toEqual([colourOf("boxes")]);
});

test("any number of fields lie on it; classifications lie nowhere", () => {
  const fields = [
    field("truth", "classification"),
    boxes,
    field("lanes", "polylines"),
    field("mask", "segmentation", { classes: ["ground", "road"] }),
  ];
  const { masks, outlines } = overlaysOf(fields, values, "label");
  expect(outlines.map(({ labels }) => labels.length)).toEqual([1, 1]);
  expect(masks.map((mask) => mask.colourOf(1))).toEqual([colourOf("road")]);
});

test("nothing lies where the fields say nothing", () => {
  expect(overlaysOf([boxes, field("mask", "segmentation")], {}, "label")).toEqual({
    masks: [],
    outlines: [],
  });
});

test("a picture that is not of its tile's shape is shown whole, in the middle", () => {
  expect(contained({ width: 100, height: 100 }, 200, 100)).toEqual({ x: 50, y: 0, width: 100, height: 100 });
  expect(contained({ width: 0, height: 0 }, 20, 10)).toEqual({ x: 0, y: 0, width: 20, height: 10 });
});
