import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";

export type DeploymentAction = "start" | "stop" | "delete";

/** Start, stop or delete a deployment. */
export function useChangeDeployment() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, action }: { id: number; action: DeploymentAction }) =>
      action === "delete"
        ? http.delete(`/deployments/${id}/`)
        : http.post<void>(`/deployments/${id}/${action}/`),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.models }),
        client.invalidateQueries({ queryKey: keys.deployments }),
      ]),
  });
}
