import { expect, test } from "vitest";
import type { Deployment, Model } from "@/api/types";
import { bodyOf, initialValues, validate, versionChoices } from "./deploy-form";

const model = (names: string[]): Pick<Model, "name" | "versions" | "deployments"> => ({
  name: "cnn",
  versions: [
    {
      id: 2,
      version: "1.1.0",
      stage: "development",
      uploaded_by: null,
      sha256: "",
      size: 1,
      created_at: "2026-01-01T00:00:00Z",
      schema: { inputs: {}, outputs: {} },
    },
    {
      id: 1,
      version: "1.0.0",
      stage: "development",
      uploaded_by: null,
      sha256: "",
      size: 1,
      created_at: "2026-01-01T00:00:00Z",
      schema: { inputs: {}, outputs: {} },
    },
  ],
  deployments: names.map((name) => ({ name }) as Deployment),
});

test("the defaults are one sample, one replica, no GPU, the newest version", () => {
  expect(initialValues(model([]))).toEqual({
    name: "cnn",
    version: "1.1.0",
    model_type: "inference",
    mini_batch: 1,
    num_replicas: 1,
    num_gpus: "0",
    custom_environment: false,
    dataset: null,
    tune: true,
    allow_bf16: false,
  });
});

test("without a dataset nothing is tuned, and untuned nothing is rounded", () => {
  const values = { ...initialValues(model([])), allow_bf16: true };
  expect(bodyOf(values)).toMatchObject({ num_gpus: 0, dataset: null, tune: null, allow_bf16: false });
  expect(bodyOf({ ...values, dataset: "7" })).toMatchObject({ dataset: 7, tune: null, allow_bf16: true });
  expect(bodyOf({ ...values, dataset: "7", tune: false })).toMatchObject({
    dataset: 7,
    tune: false,
    allow_bf16: false,
  });
});

test("the proposed name is a free one", () => {
  expect(initialValues(model(["cnn", "cnn-2"])).name).toBe("cnn-3");
});

test("an emptied number is refused, not sent as zero", () => {
  expect(validate.mini_batch("")).toBe("A whole number from 1 up.");
  expect(validate.mini_batch(32)).toBeNull();
});

test("versions are offered to stay with and aliases to follow; archived ones are not", () => {
  const { versions } = model([]);
  const aliases = [{ name: "champion", version: "1.0.0", moved_by: null, moved_at: "" }];
  const [newest, oldest] = versions;
  if (!newest || !oldest) throw new Error("two versions");
  const archived = { ...newest, stage: "archived" as const };
  expect(versionChoices({ versions: [archived, oldest], aliases })).toEqual([
    { group: "Stay with", items: [{ value: "1.0.0", label: "v1.0.0" }] },
    { group: "Follow", items: [{ value: "champion", label: "champion, now v1.0.0" }] },
  ]);
  expect(initialValues({ ...model([]), versions: [archived, oldest] }).version).toBe("1.0.0");
});
