import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { ExchangeMade, ExportRequest } from "../types";

export function useStartExport(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ExportRequest) => http.post<ExchangeMade>(`/datasets/${dataset}/exports/`, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.jobs }),
  });
}
