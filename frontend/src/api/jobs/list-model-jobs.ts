import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Job, Page } from "../types";

/** The newest jobs of a model, on the datasets that the user may see. */
export function useModelJobs(model: number) {
  return useQuery({
    queryKey: [...keys.jobs, "model", model],
    queryFn: ({ signal }) => http.poll<Page<Job>>("/jobs/", { query: { model, limit: 200 }, signal }),
    refetchInterval: 10_000,
    refetchIntervalInBackground: false,
  });
}
