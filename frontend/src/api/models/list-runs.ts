import { useInfiniteQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { ModelRuns, Page } from "../types";

/** The datasets that a model was run over, of those that the user may see: page by page, the newest run first. */
export function useModelRuns(model: number) {
  return useInfiniteQuery({
    queryKey: [...keys.jobs, "model", model],
    queryFn: ({ pageParam, signal }) =>
      http.get<Page<ModelRuns>>(`/models/${model}/runs/`, {
        query: { cursor: pageParam, limit: 20 },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: 10_000,
    refetchIntervalInBackground: false,
  });
}
