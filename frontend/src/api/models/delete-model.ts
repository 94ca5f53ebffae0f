import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";

export function useDeleteModel(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => http.delete(`/models/${id}/`),
    onSuccess: () => {
      client.removeQueries({ queryKey: keys.model(id) });
      return Promise.all([
        client.invalidateQueries({ queryKey: keys.models, exact: true }),
        client.invalidateQueries({ queryKey: keys.modelLists }),
      ]);
    },
  });
}
