import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useKeyFor } from "@/lib/idempotency";
import { http } from "../http";
import { keys } from "../query-client";
import type { NewProjection } from "../types";

export interface ProjectionMade {
  id: number;
  job: number;
}

/** Lays the vectors of a field out, as a job; pressing twice makes one. */
export function useCreateProjection(dataset: number) {
  const client = useQueryClient();
  const keyFor = useKeyFor();
  return useMutation({
    mutationFn: (body: NewProjection) =>
      http.post<ProjectionMade>(`/datasets/${dataset}/projections/`, {
        body,
        headers: { "Idempotency-Key": keyFor(body) },
      }),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: keys.jobs });
      return client.invalidateQueries({ queryKey: keys.projections(dataset) });
    },
  });
}
