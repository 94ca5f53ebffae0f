import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { JobRequest, Submission } from "../types";

/** All entries become jobs, or none. The same key sent again gives the same jobs, never more. */
export function useSubmitJobs() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ request, key }: { request: JobRequest; key: string }) =>
      http.post<Submission>("/jobs/", {
        body: request,
        headers: { "Idempotency-Key": key },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.jobs }),
  });
}
