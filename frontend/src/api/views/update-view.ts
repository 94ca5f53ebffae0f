import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { SavedView } from "../types";
import type { ViewFacts } from "./save-view";

interface Change {
  id: number;
  changes: Partial<ViewFacts>;
}

export function useUpdateView(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, changes }: Change) =>
      http.patch<SavedView>(`/datasets/${dataset}/views/${id}/`, { body: changes }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.views(dataset) }),
  });
}
