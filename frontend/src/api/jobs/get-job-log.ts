import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";

/** What a job's model printed: for its owner and superusers. `live` reads it again and again. */
export function useJobLog(job: number, { live }: { live: boolean }) {
  return useQuery({
    queryKey: [...keys.job(job), "log"],
    queryFn: ({ signal }) => http.poll<{ log: string }>(`/jobs/${job}/log/`, { signal }),
    select: ({ log }) => log,
    refetchInterval: live ? 2_000 : false,
  });
}
