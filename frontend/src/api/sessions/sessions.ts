import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { everyPage } from "../pages";
import { keys } from "../query-client";
import type { Session } from "../types";

/** Where one is signed in. */
export function useSessions() {
  return useQuery({
    queryKey: keys.sessions,
    queryFn: ({ signal }) => everyPage<Session>("/sessions/", {}, signal),
  });
}

/** Ends one session, or without an id all but this one. */
export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id?: string) => http.delete(id ? `/sessions/${id}/` : "/sessions/"),
    onSettled: () => client.invalidateQueries({ queryKey: keys.sessions }),
  });
}
