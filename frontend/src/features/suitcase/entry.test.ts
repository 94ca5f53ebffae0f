import { describe, expect, test } from "vitest";
import type { Field, ModelSchema } from "@/api/types";
import { constantOf, type Entry, newEntry, problemsOf, toRequest } from "./entry";

const field = (name: string, type: Field["type"], value_count = 0): Field => ({
  name,
  type,
  classes: [],
  colors: {},
  attributes: {},
  dimension: null,
  created_by_job: null,
  value_count,
});

const schema: ModelSchema = {
  inputs: { type: "object", properties: { image_paths: { type: "local" } } },
  outputs: {
    type: "object",
    properties: { predictions: { type: "classification" }, features: { type: "embedding" } },
  },
};
const model = { id: 1, name: "Digits CNN", slug: "digits-cnn" };
const deployment = { id: 7, name: "cpu", version: "1.0.0" };
const entry = (others: Entry[] = [], fields: Field[] = [], of = schema) =>
  newEntry(`key${others.length}`, model, deployment, of, { fields, others });

describe("a new entry", () => {
  test("maps each output to {model_slug}_{output}, fit to the rules for names", () => {
    expect(entry().outputs.map((plan) => plan.field)).toEqual([
      "digits_cnn_predictions",
      "digits_cnn_features",
    ]);
  });

  test("asks for no input when the model takes only the image", () => {
    expect(entry().inputs).toEqual([]);
  });

  test("of a model that is in already gets names of its own", () => {
    const first = entry();
    expect(entry([first]).outputs[0]?.field).toBe("digits_cnn_predictions_2");
  });
});

describe("what is wrong is said at its pointer", () => {
  const changed = (change: (entry: Entry) => void, fields: Field[] = []) => {
    const one = entry();
    change(one);
    return problemsOf([one], fields);
  };
  const rename = (name: string) => (one: Entry) => {
    const [plan] = one.outputs;
    if (plan) plan.field = name;
  };

  test("nothing, for a fresh entry", () => {
    expect(problemsOf([entry()], [])).toEqual([]);
  });

  test.each(["Upper", "1st", "tags", "", "a-b"])("the name %j", (name) => {
    expect(changed(rename(name)).map(({ pointer }) => pointer)).toEqual(["/entries/0/outputs/predictions"]);
  });

  test("no output kept", () => {
    const found = changed((one) => {
      for (const plan of one.outputs) plan.kept = false;
    });
    expect(found.map(({ pointer }) => pointer)).toEqual(["/entries/0/outputs"]);
  });

  test("a field of another type, and two entries on one field", () => {
    expect(changed(rename("truth"), [field("truth", "detections")])[0]?.message).toContain("detections");
    const twice = problemsOf([entry(), entry()], []);
    expect(twice.map(({ pointer }) => pointer)).toEqual([
      "/entries/1/outputs/predictions",
      "/entries/1/outputs/features",
    ]);
  });

  test("a field with values, unless they are skipped or replaced", () => {
    const fields = [field("old", "classification", 3)];
    expect(changed(rename("old"), fields)).toHaveLength(1);
    const replacing = (one: Entry) => {
      rename("old")(one);
      one.onExisting = "replace";
    };
    expect(changed(replacing, fields)).toEqual([]);
  });
});

describe("inputs that are no image", () => {
  const asking: ModelSchema = {
    inputs: {
      type: "object",
      properties: {
        image: { type: "image" },
        threshold: { type: "number" },
        prompt: { type: "string", default: "a" },
      },
      required: ["image", "threshold", "prompt"],
    },
    outputs: schema.outputs,
  };

  test("are taken from a field of the same name and type, asked for, or left to the schema's default", () => {
    const one = entry([], [field("prompt", "string")], asking);
    expect(one.inputs.map(({ input, source }) => [input, source])).toEqual([
      ["threshold", "constant"],
      ["prompt", "field"],
    ]);
    expect(entry([], [], asking).inputs[1]?.source).toBe("default");
  });

  test("are checked and sent as their type", () => {
    const one = entry([], [], asking);
    expect(problemsOf([one], []).map(({ pointer }) => pointer)).toEqual(["/entries/0/inputs/threshold"]);
    const [threshold] = one.inputs;
    if (threshold) threshold.text = "0.5";
    expect(toRequest(one).inputs).toEqual({ threshold: { constant: 0.5 } });
    expect(() => constantOf("integer", "1.5")).toThrow();
    expect(constantOf("boolean", "true")).toBe(true);
    expect(constantOf("string", "true")).toBe("true");
  });
});

test("discarded outputs are not sent", () => {
  const one = entry();
  const [, features] = one.outputs;
  if (features) features.kept = false;
  expect(toRequest(one)).toEqual({
    deployment: 7,
    outputs: { predictions: "digits_cnn_predictions" },
    on_existing: "fail",
  });
});
