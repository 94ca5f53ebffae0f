import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";

/** Takes a projection away with its points. */
export function useDeleteProjection(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => http.delete(`/datasets/${dataset}/projections/${id}/`),
    onSettled: () => {
      client.invalidateQueries({ queryKey: keys.jobs });
      return client.invalidateQueries({ queryKey: keys.projections(dataset) });
    },
  });
}
