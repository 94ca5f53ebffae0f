import { useQuery } from "@tanstack/react-query";
import { everyPage } from "../pages";
import { keys } from "../query-client";
import type { SavedView } from "../types";

/** The dataset's saved views, by name. */
export function useViews(dataset: number) {
  return useQuery({
    queryKey: keys.views(dataset),
    queryFn: ({ signal }) => everyPage<SavedView>(`/datasets/${dataset}/views/`, {}, signal),
  });
}
