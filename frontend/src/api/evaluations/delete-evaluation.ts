import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";

/** Takes an evaluation away, with what it found on the samples. */
export function useDeleteEvaluation(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => http.delete(`/datasets/${dataset}/evaluations/${id}/`),
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: keys.evaluation(dataset, id) });
      client.invalidateQueries({ queryKey: keys.evaluations(dataset) });
      client.invalidateQueries({ queryKey: keys.jobs });
    },
  });
}
