import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Deployment } from "../types";

export type NewDeployment = Pick<
  Deployment,
  | "model"
  | "version"
  | "name"
  | "model_type"
  | "mini_batch"
  | "num_replicas"
  | "num_gpus"
  | "custom_environment"
  | "dataset"
  | "allow_bf16"
> & {
  /** Null: what a dataset and the version's package allow. */
  tune: boolean | null;
};

export function useCreateDeployment() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewDeployment) => http.post<Deployment>("/deployments/", { body }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.models }),
        client.invalidateQueries({ queryKey: keys.deployments }),
      ]),
  });
}
