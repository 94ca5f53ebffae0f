import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Job, JobReason } from "../types";

/** For which reasons samples of a job failed, and how many for each. */
export function useJobReasons({ id, failed }: Job) {
  return useQuery({
    queryKey: [...keys.jobErrors(id), "reasons", failed],
    queryFn: ({ signal }) => http.poll<{ results: JobReason[] }>(`/jobs/${id}/errors/reasons/`, { signal }),
    select: ({ results }) => results,
    placeholderData: keepPreviousData,
  });
}
