import { useVersion } from "@/api/models/get-version";
import type { FieldType, Job, ModelSchema } from "@/api/types";

/** The type of each output that a schema declares. */
export function typesIn(schema: ModelSchema | undefined): Record<string, FieldType> {
  const outputs = (schema?.outputs.properties ?? {}) as Record<string, { type: FieldType }>;
  return Object.fromEntries(Object.entries(outputs).map(([output, { type }]) => [output, type]));
}

/** The types of what a job's model puts out; none of a model that may not be seen. */
export function useOutputTypes(job: Job): Record<string, FieldType> {
  const { data: version } = useVersion(job.model ?? null, job.version ?? null);
  return typesIn(version?.schema);
}
