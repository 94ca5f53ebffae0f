import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { ProjectionMethod } from "../types";

/** The ways to lay vectors out, and what this server lacks for them. */
export function useProjectionMethods(dataset: number) {
  return useQuery({
    queryKey: [...keys.projections(dataset), "methods"],
    queryFn: ({ signal }) =>
      http.get<{ results: ProjectionMethod[] }>(`/datasets/${dataset}/projections/methods/`, { signal }),
    select: ({ results }) => results,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
