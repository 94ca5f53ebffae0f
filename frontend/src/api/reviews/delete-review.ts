import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";

export function useDeleteReview(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => http.delete(`/datasets/${dataset}/reviews/${id}/`),
    onSettled: () => client.invalidateQueries({ queryKey: keys.reviews(dataset) }),
  });
}
