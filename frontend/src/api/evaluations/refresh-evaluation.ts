import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { EvaluationMade } from "./create-evaluation";

/** Counts an evaluation again, over the values as they are now. */
export function useRefreshEvaluation(dataset: number, id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => http.post<EvaluationMade>(`/datasets/${dataset}/evaluations/${id}/refresh/`),
    onSettled: () => {
      client.invalidateQueries({ queryKey: keys.evaluations(dataset) });
      client.invalidateQueries({ queryKey: keys.jobs });
    },
  });
}
