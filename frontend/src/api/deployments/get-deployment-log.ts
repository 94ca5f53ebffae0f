import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";

/** What the deploy check printed; asked again while the check runs. */
export function useDeploymentLog(id: number, isLive: boolean) {
  return useQuery({
    queryKey: [...keys.deployment(id), "log"],
    queryFn: ({ signal }) => http.get<{ log: string }>(`/deployments/${id}/log/`, { signal }),
    refetchInterval: isLive ? 1_500 : false,
  });
}
