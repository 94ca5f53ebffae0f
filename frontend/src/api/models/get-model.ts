import { useQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Model } from "../types";

const UNSETTLED = new Set(["pending", "building"]);

/** One model with its versions and deployments; asked again while a deployment is on its way. */
export function useModel(id: number) {
  return useQuery({
    queryKey: keys.model(id),
    queryFn: ({ signal }) => http.get<Model>(`/models/${id}/`, { signal }),
    refetchInterval: ({ state }) =>
      state.data?.deployments.some((deployment) => UNSETTLED.has(deployment.state)) ? 1_000 : 15_000,
  });
}
