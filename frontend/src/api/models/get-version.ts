import { skipToken, useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { VersionFacts } from "../types";

/** All that is known of one version: its schema, files, README. But for its stage it never changes. */
export function useVersion(model: number | null, version: string | null) {
  return useQuery({
    queryKey: [...keys.model(model ?? 0), "versions", version],
    queryFn:
      model === null || version === null
        ? skipToken
        : ({ signal }) =>
            http.get<VersionFacts>(`/models/${model}/versions/${encodeURIComponent(version)}/`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
