import { expect, test } from "vitest";
import { demandedInputs, quoted, snippetsOf } from "./snippets";

const use = {
  url: "http://127.0.0.1:8000",
  model: "Ann's model",
  slug: "ann_s_model",
  deployment: 7,
  schema: {
    inputs: { properties: { image_paths: { type: "local" } } },
    outputs: { properties: { kind: { type: "classification" }, score: { type: "number" } } },
  },
  dataset: { id: 3, name: "pets" },
};

test("each way names the server, the deployment or model, and every output's field", () => {
  const { rest, python, cli } = snippetsOf(use);
  const outputs = '"outputs":{"kind":"ann_s_model_kind","score":"ann_s_model_score"}';
  for (const text of [rest, python]) {
    expect(text).toContain("http://127.0.0.1:8000");
    expect(text).toContain('"deployment":7');
    expect(text).toContain(outputs);
  }
  expect(cli).toContain("samplecase run 'Ann'\\''s model' 'pets'");
  expect(cli).toContain("--output kind=ann_s_model_kind --output score=ann_s_model_score");
});

test("a field's name is one that the server takes, whatever the output's letters", () => {
  const outputs = { properties: { bestLabel: { type: "classification" } } };
  const { cli } = snippetsOf({ ...use, schema: { ...use.schema, outputs } });
  expect(cli).toContain("--output bestLabel=ann_s_model_bestlabel");
});

test("a word of a shell is closed whatever is in it", () => {
  expect(quoted("$(rm) `a` \"b\" 'c'")).toBe("'$(rm) `a` \"b\" '\\''c'\\'''");
});

test("inputs without a default have to be named", () => {
  const properties = {
    image_paths: { type: "local" },
    hint: { type: "string" },
    limit: { type: "number", default: 3 },
    free: { type: "string" },
  };
  expect(demandedInputs({ properties, required: ["image_paths", "hint", "limit"] })).toEqual(["hint"]);
});
