import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { SavedView } from "../types";

export type ViewFacts = Pick<SavedView, "name" | "filter" | "sort" | "fields">;

export function useSaveView(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ViewFacts) => http.post<SavedView>(`/datasets/${dataset}/views/`, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.views(dataset) }),
  });
}
