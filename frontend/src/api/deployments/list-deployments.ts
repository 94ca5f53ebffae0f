import { useQuery } from "@tanstack/react-query";
import { everyPage } from "../pages";
import { keys } from "../query-client";
import type { Deployment } from "../types";

/** Every deployment of the models that the user may see. */
export function useDeployments() {
  return useQuery({
    queryKey: keys.deployments,
    queryFn: ({ signal }) => everyPage<Deployment>("/deployments/", {}, signal),
  });
}
