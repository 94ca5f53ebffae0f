import { skipToken, useQuery } from "@tanstack/react-query";
import type { Runs } from "@/annotation/runs";
import { API_ROOT, http } from "../http";

export const readRuns = (url: string, signal?: AbortSignal): Promise<Runs> =>
  http.get<Runs>(`${url}&as=runs`.replace(API_ROOT, ""), { signal });

/** The class of each pixel of a stored segmentation, by the address in its value; under it stands the same for good. */
export function useRuns(url: string | null) {
  return useQuery({
    queryKey: ["runs", url],
    queryFn: url === null ? skipToken : ({ signal }) => readRuns(url, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}
