import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Sample } from "../types";

/** One sample with every value and who wrote it. */
export function useSample(dataset: number, id: number) {
  return useQuery({
    queryKey: [...keys.sample(dataset), id],
    queryFn: ({ signal }) => http.get<Sample>(`/datasets/${dataset}/samples/${id}/`, { signal }),
  });
}
