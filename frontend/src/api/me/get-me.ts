import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Me } from "../types";

/** Who is signed in. */
export function useMe() {
  return useQuery({
    queryKey: keys.me,
    queryFn: ({ signal }) => http.get<Me>("/me/", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
