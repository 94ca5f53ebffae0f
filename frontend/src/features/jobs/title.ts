import { useModelName } from "@/api/models/names";
import type { Job } from "@/api/types";

/** What runs: "digits-cnn 1.0.0", or the kind of work where it is no model. */
export function useTitle(job: Job): string {
  const modelName = useModelName();
  if (typeof job.model === "number") return [modelName(job.model), job.version].filter(Boolean).join(" ");
  return job.kind.charAt(0).toUpperCase() + job.kind.slice(1);
}
