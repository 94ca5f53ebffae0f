import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Field, FieldChanges } from "../types";

/** Classes, colours and attributes of a field. */
export function useUpdateField(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, ...body }: FieldChanges & { name: string }) =>
      http.patch<Field>(`/datasets/${dataset}/fields/${name}/`, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.dataset(dataset) }),
  });
}
