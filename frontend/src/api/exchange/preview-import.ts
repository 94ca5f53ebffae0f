import { http } from "../http";
import type { ImportOptions, ImportPreview } from "../types";

/** What an import of a file that was sent would find. Nothing is written. */
export function previewSent(dataset: number, upload: string) {
  return http.post<ImportPreview>(`/datasets/${dataset}/imports/`, { body: { upload, dry_run: true } });
}

/** The same for what lies on the server, below a root of its settings. */
export function previewReference(dataset: number, path: string, signal: AbortSignal) {
  return http.post<ImportPreview>(`/datasets/${dataset}/imports/`, { body: { path, dry_run: true }, signal });
}

/** The same for a file that was looked at, with other options. */
export function previewImport(dataset: number, sent: number, options: ImportOptions) {
  return http.post<ImportPreview>(`/datasets/${dataset}/imports/`, {
    body: { upload: sent, dry_run: true, ...options },
  });
}
