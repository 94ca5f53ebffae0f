import { useQueries } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Job } from "../types";
import { isFinal } from "./list-jobs";

const LIVE_MS = 500;

/** These jobs as they stand now, twice a second until each is over. */
export function useFollowedJobs(jobs: Job[]): Job[] {
  const found = useQueries({
    queries: jobs.map((job) => ({
      queryKey: keys.job(job.id),
      queryFn: ({ signal }: { signal: AbortSignal }) => http.poll<Job>(`/jobs/${job.id}/`, { signal }),
      initialData: job,
      refetchInterval: ({ state }: { state: { data?: Job } }): number | false =>
        state.data && isFinal(state.data) ? false : LIVE_MS,
    })),
  });
  return found.map(({ data }) => data);
}
