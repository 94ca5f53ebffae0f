import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { VersionFacts } from "../types";

export type Stage = VersionFacts["stage"];
export type VersionAction = Stage | "delete";

/** Take a version a step on in its life, or delete it. */
export function useChangeVersion(model: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ version, action }: { version: string; action: VersionAction }) => {
      const address = `/models/${model}/versions/${encodeURIComponent(version)}/`;
      return action === "delete"
        ? http.delete<void>(address)
        : http.post<void>(`${address}stage/`, { body: { stage: action } });
    },
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.models }),
        client.invalidateQueries({ queryKey: keys.deployments }),
      ]),
  });
}
