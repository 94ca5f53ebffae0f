/** Names for the ids that jobs and values carry; a model that may not be seen stays a number. */

import { useModels } from "./list-models";

export function useModelName(): (id: number) => string {
  const { data: models = [] } = useModels();
  return (id) => models.find((model) => model.id === id)?.name ?? `Model ${id}`;
}

export function useVersionName(): (version: number) => string {
  const { data: models = [] } = useModels();
  return (version) => {
    for (const { name, versions, tombstones } of models) {
      const found = [...versions, ...tombstones].find(({ id }) => id === version);
      if (found) return `${name} ${found.version}`;
    }
    return `Version ${version}`;
  };
}
