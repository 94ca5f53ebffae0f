/** Names for the ids that jobs and values carry; a model that may not be seen stays a number. */

import type { ValueFacts } from "../types";
import { useModels } from "./list-models";

export function useModelName(): (id: number) => string {
  const { data: models = [] } = useModels();
  return (id) => models.find((model) => model.id === id)?.name ?? `Model ${id}`;
}

/** The version of a model that wrote a value; null where none did. */
export function writerOf(facts: ValueFacts | undefined): string | null {
  if (!facts || facts.model_version === null) return null;
  return facts.model ? `${facts.model.name} ${facts.model.version}` : `Version ${facts.model_version}`;
}
