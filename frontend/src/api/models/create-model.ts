import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Model } from "../types";

export interface NewModel {
  name: string;
  description: string;
  tags: string[];
}

export function useCreateModel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewModel) => http.post<Model>("/models/", { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.models }),
  });
}
