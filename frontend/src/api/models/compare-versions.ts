import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Comparison } from "../types";

/** What a version changes since another. Neither ever changes. */
export function useComparison(model: number, version: string, since: string) {
  return useQuery({
    queryKey: [...keys.model(model), "versions", version, "since", since],
    queryFn: ({ signal }) =>
      http.get<Comparison>(`/models/${model}/versions/${encodeURIComponent(version)}/changes/`, {
        query: { since },
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
