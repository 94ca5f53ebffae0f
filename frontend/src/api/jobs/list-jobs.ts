import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Job, JobState, Page } from "../types";

const FINAL: readonly JobState[] = ["cancelled", "failed", "finished", "undone", "interrupted"];
const LIVE_MS = 1_000;
const IDLE_MS = 10_000;

export const isFinal = (job: Job): boolean => FINAL.includes(job.state);

/** A paused job waits for a person: nothing about it moves by itself. */
export const isMoving = (job: Job): boolean => !isFinal(job) && job.state !== "paused";

/** A dataset's jobs, newest first: every second while anything moves, and not at all in a hidden tab. */
export function useDatasetJobs(dataset: number) {
  return useQuery({
    queryKey: keys.datasetJobs(dataset),
    queryFn: ({ signal }) => http.poll<Page<Job>>("/jobs/", { query: { dataset, limit: 50 }, signal }),
    select: (page) => page.results,
    refetchInterval: ({ state }) => (state.data?.results.some(isMoving) ? LIVE_MS : IDLE_MS),
    refetchIntervalInBackground: false,
  });
}
