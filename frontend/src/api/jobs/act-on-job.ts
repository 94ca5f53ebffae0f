import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../errors";
import { http } from "../http";
import { keys } from "../query-client";
import type { Job } from "../types";

export type JobAction = "pause" | "resume" | "cancel" | "retry" | "undo";

/** One step of a job's life, asked for by a person. */
export function useActOnJob(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (action: JobAction) => http.post<Job>(`/jobs/${id}/${action}/`),
    onSettled: () => client.invalidateQueries({ queryKey: keys.jobs }),
  });
}

const CONFLICT = 409;

/** Ends these jobs; one that was over before it could be cancelled is as good. */
export function useCancelJobs() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (ids: number[]) => {
      await Promise.all(
        ids.map((id) =>
          http.post<Job>(`/jobs/${id}/cancel/`).catch((error: unknown) => {
            if (!(error instanceof ApiError && error.status === CONFLICT)) throw error;
          }),
        ),
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.jobs }),
  });
}
