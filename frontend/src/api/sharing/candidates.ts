import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Candidates } from "../types";

/** People and groups whom one may know, by what is typed of their name. */
export function useCandidates(search: string) {
  return useQuery({
    queryKey: [...keys.candidates, search],
    queryFn: ({ signal }) =>
      http.get<Candidates>("/sharing/candidates/", { query: { search: search.slice(0, 100) }, signal }),
    placeholderData: keepPreviousData,
  });
}
