import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Dataset } from "../types";

/** One dataset with its fields. */
export function useDataset(id: number) {
  return useQuery({
    queryKey: keys.dataset(id),
    queryFn: ({ signal }) => http.get<Dataset>(`/datasets/${id}/`, { signal }),
  });
}
