import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { NewEvaluation } from "../types";

export interface EvaluationMade {
  id: number;
  job: number;
}

/** Compares two fields, as a job. */
export function useCreateEvaluation(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewEvaluation) =>
      http.post<EvaluationMade>(`/datasets/${dataset}/evaluations/`, { body }),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: keys.evaluations(dataset) });
      client.invalidateQueries({ queryKey: keys.jobs });
    },
  });
}
