import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { ExchangeMade, ImportOptions } from "../types";
import { previewImport } from "./preview-import";

/** Begins the import of a file that was sent; what does not fit is refused here and not by the job. */
export function useStartImport(dataset: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ upload, options }: { upload: number; options: ImportOptions }) => {
      await previewImport(dataset, upload, options);
      return http.post<ExchangeMade>(`/datasets/${dataset}/imports/`, { body: { upload, ...options } });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: keys.jobs }),
  });
}
