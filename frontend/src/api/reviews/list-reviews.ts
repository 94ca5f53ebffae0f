import { useQuery } from "@tanstack/react-query";
import { everyPage } from "../pages";
import { keys } from "../query-client";
import type { Review } from "../types";

/** The dataset's reviews, the newest first, and how far they are. */
export function useReviews(dataset: number, enabled = true) {
  return useQuery({
    queryKey: keys.reviews(dataset),
    queryFn: ({ signal }) => everyPage<Review>(`/datasets/${dataset}/reviews/`, {}, signal),
    enabled,
  });
}
