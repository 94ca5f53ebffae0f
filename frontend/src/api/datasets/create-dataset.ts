import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Dataset } from "../types";

export interface NewDataset {
  name: string;
  description: string;
  tags: string[];
}

export function useCreateDataset() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewDataset) => http.post<Dataset>("/datasets/", { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.datasets }),
  });
}
