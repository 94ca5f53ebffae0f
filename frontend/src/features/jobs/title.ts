import { useModelName } from "@/api/models/names";
import type { Job } from "@/api/types";

const ACTIONS: Record<NonNullable<Job["bulk"]>["action"], string> = {
  tag: "Tag",
  untag: "Untag",
  delete: "Delete samples",
  set_label: "Set label",
  clear_label: "Clear labels",
};

/** "Tag: blurred, night". */
export function bulkTitle({ action, tags, label }: NonNullable<Job["bulk"]>): string {
  const what = label ?? tags.join(", ");
  return what ? `${ACTIONS[action]}: ${what}` : ACTIONS[action];
}

/** What runs: "digits-cnn 1.0.0", or the kind of work where it is no model. */
export function useTitle(job: Job): string {
  const modelName = useModelName();
  if (typeof job.model === "number") return [modelName(job.model), job.version].filter(Boolean).join(" ");
  if (job.bulk) return bulkTitle(job.bulk);
  return job.kind.charAt(0).toUpperCase() + job.kind.slice(1);
}
