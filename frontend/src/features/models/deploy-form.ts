/** The Deploy dialog's fields, their defaults and what is wrong with them. */

import type { Model } from "@/api/types";

export interface Values {
  name: string;
  version: string;
  model_type: "inference";
  mini_batch: number;
  num_replicas: number;
  /** A choice of 0 or 1, as the select holds it. */
  num_gpus: "0" | "1";
  custom_environment: boolean;
  /** The id of a dataset, as the select holds it; null: none. */
  dataset: string | null;
  tune: boolean;
  allow_bf16: boolean;
}

export const FIELDS = [
  "name",
  "version",
  "model_type",
  "mini_batch",
  "num_replicas",
  "num_gpus",
  "custom_environment",
  "dataset",
  "tune",
  "allow_bf16",
] as const satisfies readonly (keyof Values)[];

/** What may be deployed: each version that is not archived, and each alias, which the deployment then follows. */
export function versionChoices(model: Pick<Model, "versions" | "aliases">) {
  const versions = deployable(model).map(({ version }) => ({ value: version, label: `v${version}` }));
  const aliases = model.aliases.map(({ name, version }) => ({
    value: name,
    label: `${name}, now v${version}`,
  }));
  return [
    { group: "Stay with", items: versions },
    { group: "Follow", items: aliases },
  ].filter(({ items }) => items.length > 0);
}

const deployable = ({ versions }: Pick<Model, "versions">) =>
  versions.filter(({ stage }) => stage !== "archived");

export function initialValues(model: Pick<Model, "name" | "versions" | "deployments">): Values {
  const taken = new Set(model.deployments.map((deployment) => deployment.name));
  let name = model.name;
  for (let next = 2; taken.has(name); next += 1) name = `${model.name}-${next}`;
  return {
    name,
    version: deployable(model)[0]?.version ?? "",
    model_type: "inference",
    mini_batch: 1,
    num_replicas: 1,
    num_gpus: "0",
    custom_environment: false,
    dataset: null,
    tune: true,
    allow_bf16: false,
  };
}

/** What is sent: without a dataset nothing is tuned, and untuned nothing is rounded. */
export function bodyOf({ num_gpus, dataset, tune, allow_bf16, ...values }: Values) {
  const isToldNotTo = dataset !== null && !tune;
  return {
    ...values,
    num_gpus: Number(num_gpus),
    dataset: dataset === null ? null : Number(dataset),
    // Else left to the server, which knows whether this version's package can be tuned.
    tune: isToldNotTo ? false : null,
    allow_bf16: dataset !== null && tune && allow_bf16,
  };
}

const wholeFromOne = (value: unknown): string | null =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 ? null : "A whole number from 1 up.";

export const validate = {
  name: (name: string) => (name.trim() ? null : "A deployment needs a name."),
  mini_batch: wholeFromOne,
  num_replicas: wholeFromOne,
};
