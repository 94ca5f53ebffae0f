import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Evaluation, Page } from "../types";

const LIVE_MS = 1_000;
const RESTING = ["finished", "failed", "cancelled", "paused"];

/** Whether it is being counted, so that its next look differs from this one. */
export const isCounting = ({ state }: Pick<Evaluation, "state">): boolean => !RESTING.includes(state);

/** A dataset's newest evaluations: every second while one is being counted. */
export function useEvaluations(dataset: number) {
  return useQuery({
    queryKey: keys.evaluations(dataset),
    queryFn: ({ signal }) =>
      http.get<Page<Evaluation>>(`/datasets/${dataset}/evaluations/`, { query: { limit: 200 }, signal }),
    select: (page) => page.results,
    // Whoever comes back from correcting a label is to see at once that it is stale.
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.results.some(isCounting) ? LIVE_MS : false),
  });
}
