import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Evaluation } from "../types";

/** What a job compared and what came of it; `state` is part of the key, for its scores come with its end. */
export function useEvaluation(dataset: number, id: number, state: string) {
  return useQuery({
    queryKey: [...keys.jobs, "evaluation", id, state],
    queryFn: ({ signal }) => http.get<Evaluation>(`/datasets/${dataset}/evaluations/${id}/`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
