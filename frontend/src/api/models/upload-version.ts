import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { VersionFacts } from "../types";

export interface NewVersion {
  /** Of the package, sent before. */
  upload: string;
  /** JSON text; empty when the package carries its schema. */
  schema: string;
  /** Empty: the manifest's, else the next one. */
  version: string;
}

export function useUploadVersion(model: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ upload, schema, version }: NewVersion) => {
      const body: Record<string, string> = { upload };
      if (schema.trim()) body.schema = schema;
      if (version.trim()) body.version = version.trim();
      return http.post<VersionFacts>(`/models/${model}/versions/`, { body });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: keys.models }),
  });
}
