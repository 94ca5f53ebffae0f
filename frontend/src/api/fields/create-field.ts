import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Field, NewField } from "../types";

/** A new, empty field of a dataset. */
export function useCreateField(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewField) => http.post<Field>(`/datasets/${dataset}/fields/`, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.dataset(dataset) }),
  });
}
