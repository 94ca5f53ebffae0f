/** Where a model was run: its jobs, gathered by dataset. */

import type { Job } from "@/api/types";

export interface Runs {
  dataset: number;
  jobs: number;
  samples: number;
  versions: string[];
  /** The newest. */
  last: Job;
}

/** One row per dataset, that with the newest job first. Tries write nothing and do not count. */
export function runsByDataset(jobs: readonly Job[]): Runs[] {
  const found = new Map<number, Runs>();
  for (const job of jobs) {
    if (job.dry_run !== null) continue;
    const run = found.get(job.dataset) ?? {
      dataset: job.dataset,
      jobs: 0,
      samples: 0,
      versions: [],
      last: job,
    };
    run.jobs += 1;
    run.samples += job.done;
    if (job.version && !run.versions.includes(job.version)) run.versions.push(job.version);
    if (job.id > run.last.id) run.last = job;
    found.set(job.dataset, run);
  }
  return [...found.values()].sort((a, b) => b.last.id - a.last.id);
}
