import { useMutation, useQueryClient } from "@tanstack/react-query";
import { keys } from "../query-client";
import type { VersionFacts } from "../types";
import { upload } from "../upload";

export interface NewVersion {
  package: File;
  /** JSON text; empty when the package carries its schema. */
  schema: string;
  /** Empty: the manifest's, else the next one. */
  version: string;
  onProgress: (share: number) => void;
  signal: AbortSignal;
}

export function useUploadVersion(model: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ package: file, schema, version, onProgress, signal }: NewVersion) => {
      const form = new FormData();
      form.set("package", file);
      if (schema.trim()) form.set("schema", schema);
      if (version.trim()) form.set("version", version.trim());
      return upload<VersionFacts>(`/models/${model}/versions/`, form, { onProgress, signal });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: keys.models }),
  });
}
