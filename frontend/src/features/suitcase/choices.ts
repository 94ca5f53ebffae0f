/** Which models can be run by this user: those with a ready deployment. */

import { mayOnModel } from "@/api/access";
import type { Deployment, Model, ModelSchema } from "@/api/types";

export interface Choice {
  model: Model;
  deployment: Deployment;
  schema: ModelSchema;
}

/** Every ready deployment of every model the user may run, by model name, the newest deployment first. */
export function runnable(models: Model[], deployments: Deployment[]): Choice[] {
  return models
    .filter((model) => mayOnModel(model.access, "run"))
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .flatMap((model) =>
      deployments
        .filter(({ model: of, state, left_behind }) => of === model.id && state === "ready" && !left_behind)
        .toSorted((a, b) => b.id - a.id)
        .flatMap((deployment) => {
          const version = model.versions.find((each) => each.version === deployment.version);
          return version ? [{ model, deployment, schema: version.schema }] : [];
        }),
    );
}

/** What a deployment is called beside its model; those of one name, which nothing else tells apart, get their ids. */
export function deploymentLabel({ deployment }: Choice, choices: Choice[]): string {
  const isDoubled = choices.some(
    (other) =>
      other.deployment.id !== deployment.id &&
      other.deployment.model === deployment.model &&
      other.deployment.name === deployment.name &&
      other.deployment.version === deployment.version,
  );
  return isDoubled ? `${deployment.name} (no. ${deployment.id})` : deployment.name;
}

/** The choices as a grouped list: one group per model. */
export function asOptions(choices: Choice[]): { group: string; items: { value: string; label: string }[] }[] {
  const groups: Record<string, { value: string; label: string }[]> = {};
  for (const choice of choices) {
    const { model, deployment } = choice;
    groups[model.name] ??= [];
    groups[model.name]?.push({
      value: String(deployment.id),
      label: `${model.name} ${deployment.version} · ${deploymentLabel(choice, choices)}`,
    });
  }
  return Object.entries(groups).map(([group, items]) => ({ group, items }));
}
