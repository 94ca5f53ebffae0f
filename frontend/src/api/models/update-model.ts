import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Model } from "../types";

export type ModelChanges = Partial<Pick<Model, "name" | "description" | "tags">>;

export function useUpdateModel(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ModelChanges) => http.patch<Model>(`/models/${id}/`, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.models }),
  });
}
