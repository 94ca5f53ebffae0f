import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Field } from "../types";

export function useCreateField(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Pick<Field, "name" | "type">) =>
      http.post<Field>(`/datasets/${dataset}/fields/`, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.dataset(dataset), exact: true }),
  });
}
