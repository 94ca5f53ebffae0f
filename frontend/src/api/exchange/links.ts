import { apiUrl } from "../http";
import type { Job } from "../types";

/** What is left of an import or an export to be kept: its report, its zip. Null where there is nothing yet. */
export function keepsakeOf(job: Job): { label: string; href: string } | null {
  const path = `/datasets/${job.dataset}/${job.kind}s/${job.id}`;
  if (job.kind === "import" && job.done + job.skipped > 0) {
    return { label: "Report", href: apiUrl(`${path}/report/`) };
  }
  if (job.kind === "export" && job.state === "finished") {
    return { label: "Download", href: apiUrl(`${path}/file/`) };
  }
  return null;
}
