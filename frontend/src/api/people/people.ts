import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { InvitationRequest, Invited, OneTimeLink, Page, Person } from "../types";

/** Everybody with an account, for staff. */
export function usePeople(search: string) {
  return useInfiniteQuery({
    queryKey: [...keys.people, search],
    queryFn: ({ pageParam, signal }) =>
      http.get<Page<Person>>("/people/", { query: { search, cursor: pageParam, limit: 100 }, signal }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function useInvite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: InvitationRequest) => http.post<Invited>("/people/", { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.people }),
  });
}

export function useMakeLink() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (person: number) => http.post<OneTimeLink>(`/people/${person}/link/`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.people }),
  });
}

export function useSetActive() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, is_active }: Pick<Person, "id" | "is_active">) =>
      http.patch<Person>(`/people/${id}/`, { body: { is_active } }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.people }),
  });
}
