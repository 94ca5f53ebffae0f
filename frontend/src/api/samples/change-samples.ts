import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Filter } from "@/lib/filter";
import { http } from "../http";
import { keys } from "../query-client";
import type { BulkReport } from "../types";

export interface BulkRequest {
  action: "tag" | "untag" | "delete" | "set_label" | "clear_label";
  samples?: number[];
  filter?: Filter;
  tags?: string[];
  field?: string;
  label?: string;
}

/** Whatever shows samples of the dataset is read anew. */
export function refreshSamples(client: QueryClient, dataset: number): void {
  for (const queryKey of [
    keys.dataset(dataset),
    keys.samples(dataset),
    keys.facets(dataset),
    keys.sample(dataset),
    keys.points(dataset),
  ]) {
    client.invalidateQueries({ queryKey });
  }
}

/** One action over many samples. */
export function useChangeSamples(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BulkRequest) => http.post<BulkReport>(`/datasets/${dataset}/bulk/`, { body }),
    onSettled: () => {
      refreshSamples(client, dataset);
      client.invalidateQueries({ queryKey: keys.datasetJobs(dataset) });
    },
  });
}
