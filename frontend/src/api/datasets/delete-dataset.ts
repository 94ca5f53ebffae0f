import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";

export function useDeleteDataset() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => http.delete(`/datasets/${id}/`),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.datasets }),
  });
}
