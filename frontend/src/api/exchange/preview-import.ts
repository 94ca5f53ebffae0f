import { http } from "../http";
import type { ImportOptions, ImportPreview } from "../types";
import { upload } from "../upload";

interface Sending {
  onProgress: (share: number) => void;
  signal: AbortSignal;
}

/** Sends a file and says what an import of it would find. Nothing is written. */
export function sendForPreview(dataset: number, file: File, { onProgress, signal }: Sending) {
  const form = new FormData();
  form.append("file", file, file.name);
  form.append("dry_run", "true");
  return upload<ImportPreview>(`/datasets/${dataset}/imports/`, form, { onProgress, signal });
}

/** The same for what lies on the server, below a root of its settings. */
export function previewReference(dataset: number, path: string, signal: AbortSignal) {
  return http.post<ImportPreview>(`/datasets/${dataset}/imports/`, { body: { path, dry_run: true }, signal });
}

/** The same for a file that was sent, with other options. */
export function previewImport(dataset: number, sent: number, options: ImportOptions) {
  return http.post<ImportPreview>(`/datasets/${dataset}/imports/`, {
    body: { upload: sent, dry_run: true, ...options },
  });
}
