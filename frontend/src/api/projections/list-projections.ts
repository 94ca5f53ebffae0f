import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Page, Projection } from "../types";

const LIVE_MS = 700;
const RESTING = ["finished", "failed", "cancelled", "paused"];

/** Whether it is being computed, so that its next look differs from this one. */
export const isComputing = ({ state }: Pick<Projection, "state">): boolean => !RESTING.includes(state);

/** A dataset's newest projections, looked at often while one is being computed. */
export function useProjections(dataset: number) {
  return useQuery({
    queryKey: keys.projections(dataset),
    queryFn: ({ signal }) =>
      http.poll<Page<Projection>>(`/datasets/${dataset}/projections/`, { query: { limit: 100 }, signal }),
    select: (page) => page.results,
    refetchInterval: ({ state }) => (state.data?.results.some(isComputing) ? LIVE_MS : false),
  });
}
