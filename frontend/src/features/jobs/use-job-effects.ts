/** Makes what jobs write show up: values as they arrive, the new field when a job ends. */

import { notifications } from "@mantine/notifications";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { isFinal, useDatasetJobs } from "@/api/jobs/list-jobs";
import { keys } from "@/api/query-client";
import type { Job } from "@/api/types";
import { plural } from "@/lib/format";
import { isDialogOpen } from "@/lib/use-keys";
import { undoLine, why } from "./job-words";

const REFRESH_MS = 2_500;

type Seen = ReadonlyMap<number, Job>;

interface Changes {
  ended: Job[];
  paused: Job[];
  wrote: boolean;
}

const hasGivenUp = (job: Job | undefined): boolean => job?.state === "paused" && job.reason !== "";

/** Over and over again: a finished job that is undone or retried may be over anew at the very next look. */
const isAnotherEnd = (job: Job, old: Job | undefined): boolean =>
  !old || !isFinal(old) || old.state !== job.state || old.finished_at !== job.finished_at;

/**
 * Jobs that ended or paused by themselves since the last look, and whether any wrote values meanwhile. At the first look nothing is news;
 * later a job may be over when it is first seen.
 */
export function changesSince(before: Seen | null, jobs: Job[]): Changes {
  if (!before) return { ended: [], paused: [], wrote: false };
  return {
    ended: jobs.filter((job) => isFinal(job) && isAnotherEnd(job, before.get(job.id))),
    paused: jobs.filter((job) => hasGivenUp(job) && !hasGivenUp(before.get(job.id))),
    wrote: jobs.some((job) => job.done !== (before.get(job.id)?.done ?? 0)),
  };
}

function refresh(client: QueryClient, dataset: number) {
  for (const queryKey of [
    keys.dataset(dataset),
    keys.samples(dataset),
    keys.facets(dataset),
    keys.sample(dataset),
    keys.projections(dataset),
    keys.points(dataset),
  ]) {
    client.invalidateQueries({ queryKey });
  }
}

function announce(job: Job) {
  // Who tries a model in the suitcase sees there what comes of it.
  if (job.dry_run !== null && isDialogOpen()) return;
  const failed = job.failed > 0 ? `, ${plural(job.failed, "sample")} failed` : "";
  if (job.state === "finished") {
    notifications.show({
      color: job.failed > 0 ? "yellow" : "teal",
      title: job.dry_run === null ? "Job finished" : "Dry run finished",
      message: `${plural(job.done, "sample")} done${failed}.`,
    });
  } else if (job.state === "failed") {
    notifications.show({ color: "red", title: "Job failed", message: job.error?.message ?? job.reason });
  } else if (job.state === "undone") {
    notifications.show({ color: "teal", title: "Job undone", message: undoLine(job) });
  }
}

/** Watches the dataset's jobs wherever on its page the user is. */
export function useJobEffects(dataset: number): void {
  const client = useQueryClient();
  const { data: jobs } = useDatasetJobs(dataset);
  const before = useRef<Seen | null>(null);
  const refreshed = useRef(0);

  useEffect(() => {
    if (!jobs) return;
    const { ended, paused, wrote } = changesSince(before.current, jobs);
    before.current = new Map(jobs.map((job) => [job.id, job]));
    ended.forEach(announce);
    for (const job of paused) {
      notifications.show({ color: "yellow", title: "Job paused", message: why(job) ?? "" });
    }
    const due = wrote && Date.now() - refreshed.current > REFRESH_MS;
    if (ended.length > 0 || due) {
      refreshed.current = Date.now();
      refresh(client, dataset);
    }
  }, [jobs, client, dataset]);
}
