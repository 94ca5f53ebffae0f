import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { VersionFacts } from "../types";

/** All that is known of one version: its schema, files, README. It never changes. */
export function useVersion(model: number, version: string) {
  return useQuery({
    queryKey: [...keys.model(model), "versions", version],
    queryFn: ({ signal }) =>
      http.get<VersionFacts>(`/models/${model}/versions/${encodeURIComponent(version)}/`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
