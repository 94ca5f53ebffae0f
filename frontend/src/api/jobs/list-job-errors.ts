import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Job, JobError, Page } from "../types";

/** Why samples of a job failed; their number is part of the key so that new errors are read as they come. */
export function useJobErrors({ id, failed }: Job, reason: string | null) {
  return useInfiniteQuery({
    queryKey: [...keys.jobErrors(id), failed, reason],
    queryFn: ({ pageParam, signal }) =>
      http.get<Page<JobError>>(`/jobs/${id}/errors/`, {
        query: { cursor: pageParam, reason, limit: 50 },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}
