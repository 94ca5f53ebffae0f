import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import type { BulkUndone } from "../types";
import { refreshSamples } from "./change-samples";

export function useUndoChange(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (undo: string) =>
      http.post<BulkUndone>(`/datasets/${dataset}/bulk/undo/`, { body: { undo } }),
    onSettled: () => refreshSamples(client, dataset),
  });
}
