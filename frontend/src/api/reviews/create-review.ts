import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Review } from "../types";

export type NewReview = Pick<Review, "name" | "source" | "target" | "filter" | "order">;

export function useCreateReview(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewReview) => http.post<Review>(`/datasets/${dataset}/reviews/`, { body }),
    onSuccess: (made) => {
      client.setQueryData<Review[]>(keys.reviews(dataset), (all) => all && [made, ...all]);
      client.invalidateQueries({ queryKey: keys.reviews(dataset) });
      // Its target may be a new field.
      client.invalidateQueries({ queryKey: keys.dataset(dataset) });
    },
  });
}
