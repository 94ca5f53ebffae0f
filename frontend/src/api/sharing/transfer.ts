import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { SharedKind } from "./sharing";

/** Makes somebody else the owner; the one so far keeps the right `keep`. */
export function useTransfer(kind: SharedKind, id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { username: string; keep: string }) =>
      http.post<{ owner: string; access: string }>(`/${kind}/${id}/transfer/`, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: kind === "models" ? keys.models : keys.datasets }),
  });
}
