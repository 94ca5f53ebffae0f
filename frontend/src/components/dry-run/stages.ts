/** Where a dry run is, in words that say what is being waited for. */

import { isFinal } from "@/api/jobs/list-jobs";
import type { DeploymentState, Job } from "@/api/types";
import { count, plural } from "@/lib/format";

export interface Stage {
  text: string;
  /** 0..1, or null while nobody can say how far it is. */
  share: number | null;
}

const tried = (jobs: Job[]): number =>
  jobs.reduce((sum, { done, failed, skipped }) => sum + done + failed + skipped, 0);

const all = (jobs: Job[]): number => jobs.reduce((sum, { total }) => sum + total, 0);

function waiting(jobs: Job[], deployments: DeploymentState[]): string {
  if (deployments.some((state) => state === "pending" || state === "building")) {
    return "Building the model's environment";
  }
  if (jobs.every(({ state }) => state === "queued")) return "Waiting for its turn";
  if (jobs.some(({ state }) => state === "paused")) return "Paused";
  const isLoading = jobs.some(({ replicas }) => replicas.some(({ state }) => state === "loading"));
  return isLoading ? "Loading the model" : "Starting the model";
}

function outcome(jobs: Job[]): string {
  const failed = jobs.reduce((sum, job) => sum + job.failed, 0);
  if (jobs.some(({ state }) => state === "failed")) return "The model could not be run";
  if (jobs.some(({ state }) => state === "cancelled"))
    return `Stopped after ${count(tried(jobs))} of ${count(all(jobs))}`;
  const what = jobs.length > 1 ? `${jobs.length} models` : "the model";
  const on = plural(jobs[0]?.total ?? 0, "sample");
  return failed > 0 ? `Tried ${what} on ${on}, ${count(failed)} failed` : `Tried ${what} on ${on}`;
}

/** One line for all jobs of a dry run. */
export function stageOf(jobs: Job[], deployments: DeploymentState[] = []): Stage {
  if (jobs.every(isFinal)) return { text: outcome(jobs), share: 1 };
  const done = tried(jobs);
  if (done === 0) return { text: waiting(jobs, deployments), share: null };
  return { text: `${count(done)} of ${count(all(jobs))}`, share: done / all(jobs) };
}

/** The last lines of a log, where the reason stands. */
export function endOf(log: string, lines = 20): string {
  return log.trimEnd().split("\n").slice(-lines).join("\n");
}
