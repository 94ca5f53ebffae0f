import { useModels } from "@/api/models/list-models";
import type { FieldType, Job, ModelSchema } from "@/api/types";

/** The type of each output that a schema declares. */
export function typesIn(schema: ModelSchema | undefined): Record<string, FieldType> {
  const outputs = (schema?.outputs.properties ?? {}) as Record<string, { type: FieldType }>;
  return Object.fromEntries(Object.entries(outputs).map(([output, { type }]) => [output, type]));
}

/** The types of what a job's model puts out; none of a model that may not be seen. */
export function useOutputTypes(job: Job): Record<string, FieldType> {
  const { data: models = [] } = useModels();
  const versions = models.find(({ id }) => id === job.model)?.versions ?? [];
  return typesIn(versions.find(({ version }) => version === job.version)?.schema);
}
