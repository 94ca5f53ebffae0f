import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Dataset } from "../types";
import type { NewDataset } from "./create-dataset";

export function useUpdateDataset(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Partial<NewDataset>) => http.patch<Dataset>(`/datasets/${id}/`, { body }),
    onSuccess: (dataset) => {
      client.setQueryData(keys.dataset(id), dataset);
      return client.invalidateQueries({ queryKey: keys.datasets, exact: true });
    },
  });
}
