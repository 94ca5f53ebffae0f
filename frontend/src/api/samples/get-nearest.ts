import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Neighbour } from "../types";

const SHOWN = 12;

/** The samples whose vectors in a field are nearest to this one's. */
export function useNearest(dataset: number, sample: number, field: string) {
  return useQuery({
    queryKey: [...keys.sample(dataset), sample, "nearest", field],
    queryFn: ({ signal }) =>
      http.get<{ results: Neighbour[] }>(`/datasets/${dataset}/samples/${sample}/nearest/`, {
        query: { field, k: SHOWN },
        signal,
      }),
    select: ({ results }) => results,
    staleTime: 60_000,
  });
}
