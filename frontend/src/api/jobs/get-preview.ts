import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Job, SamplePreview } from "../types";

/** What a dry run's model answered so far; read anew whenever the job has got on. */
export function usePreview({ id, done, failed }: Job) {
  return useQuery({
    queryKey: [...keys.job(id), "preview", done + failed],
    queryFn: ({ signal }) => http.get<{ results: SamplePreview[] }>(`/jobs/${id}/preview/`, { signal }),
    select: ({ results }) => results,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
