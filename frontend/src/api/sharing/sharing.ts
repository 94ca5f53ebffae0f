import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";

/** What can be shared: the resource's name in addresses and in the cache. */
export type SharedKind = "models" | "datasets";

export interface Sharing {
  everyone: string;
  users: { username: string; right: string }[];
  groups: { name: string; right: string }[];
}

const sharingKey = (kind: SharedKind, id: number) =>
  [...(kind === "models" ? keys.model(id) : keys.dataset(id)), "sharing"] as const;

export function useSharing(kind: SharedKind, id: number) {
  return useQuery({
    queryKey: sharingKey(kind, id),
    queryFn: ({ signal }) => http.get<Sharing>(`/${kind}/${id}/sharing/`, { signal }),
  });
}

export function useSetSharing(kind: SharedKind, id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Sharing) => http.put<Sharing>(`/${kind}/${id}/sharing/`, { body }),
    onSuccess: (sharing) => client.setQueryData(sharingKey(kind, id), sharing),
  });
}
