import { expect, test } from "vitest";
import type { Deployment, Model } from "@/api/types";
import { bodyOf, initialValues, validate } from "./deploy-form";

const model = (names: string[]): Pick<Model, "name" | "versions" | "deployments"> => ({
  name: "cnn",
  versions: [
    {
      id: 2,
      version: "1.1.0",
      sha256: "",
      size: 1,
      created_at: "2026-01-01T00:00:00Z",
      schema: { inputs: {}, outputs: {} },
    },
    {
      id: 1,
      version: "1.0.0",
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
