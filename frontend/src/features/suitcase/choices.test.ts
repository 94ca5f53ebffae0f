import { expect, test } from "vitest";
import type { Deployment, Model, ModelSchema } from "@/api/types";
import { asOptions, type Choice, runnable } from "./choices";

const schema = { inputs: { type: "object" }, outputs: { type: "object" } } as ModelSchema;
const model = (id: number, name: string, access = "run") =>
  ({ id, name, access, versions: [{ version: "1.0.0", schema }] }) as Model;
const deployment = (id: number, of: number, name: string, state = "ready") =>
  ({ id, model: of, name, state, version: "1.0.0" }) as Deployment;

const labels = (choices: Choice[]) =>
  asOptions(choices).flatMap(({ items }) => items.map(({ label }) => label));

test("offered is what is ready and may be run, by the models' names", () => {
  const models = [model(1, "zebra"), model(2, "ant"), model(3, "hidden", "view")];
  const deployments = [
    deployment(1, 1, "a"),
    deployment(2, 2, "b"),
    deployment(3, 2, "c", "failed"),
    deployment(4, 3, "d"),
  ];
  expect(labels(runnable(models, deployments))).toEqual(["ant 1.0.0 · b", "zebra 1.0.0 · a"]);
});

test("deployments of one name are told apart by their ids, and only they", () => {
  const choices = runnable(
    [model(1, "ant")],
    [deployment(4, 1, "cpu"), deployment(7, 1, "cpu"), deployment(8, 1, "gpu")],
  );
  expect(labels(choices)).toEqual(["ant 1.0.0 · gpu", "ant 1.0.0 · cpu (no. 7)", "ant 1.0.0 · cpu (no. 4)"]);
});
