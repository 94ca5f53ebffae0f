import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { EvaluationDetail } from "../types";
import { isCounting } from "./list-evaluations";

const LIVE_MS = 700;

/** One evaluation with its curves, looked at until it is counted; none without an id. */
export function useEvaluationDetail(dataset: number, id: number | undefined) {
  return useQuery({
    queryKey: keys.evaluation(dataset, id ?? 0),
    queryFn: ({ signal }) =>
      http.poll<EvaluationDetail>(`/datasets/${dataset}/evaluations/${id}/`, { signal }),
    enabled: id !== undefined,
    // Whoever comes back from correcting a label is to see at once that it is stale.
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data && isCounting(state.data) ? LIVE_MS : false),
  });
}
