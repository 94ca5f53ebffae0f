import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { everyPage } from "../pages";
import { keys } from "../query-client";
import type { AliasMove } from "../types";

const address = (model: number, name: string) => `/models/${model}/aliases/${encodeURIComponent(name)}/`;

/** Let an alias mean a version; null takes it away. */
export function useMoveAlias(model: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, version }: { name: string; version: string | null }) =>
      version === null
        ? http.delete<void>(address(model, name))
        : http.put<void>(address(model, name), { body: { version } }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.models }),
        client.invalidateQueries({ queryKey: keys.deployments }),
      ]),
  });
}

/** What an alias meant before, the newest step first. */
export function useAliasHistory(model: number, name: string) {
  return useQuery({
    queryKey: [...keys.model(model), "aliases", name],
    queryFn: ({ signal }) => everyPage<AliasMove>(`${address(model, name)}history/`, {}, signal),
  });
}
