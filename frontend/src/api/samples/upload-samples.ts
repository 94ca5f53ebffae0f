import { http } from "../http";
import type { UploadReport } from "../types";
import { upload } from "../upload";

interface Options {
  foldersAreLabels: boolean;
  onProgress: (share: number) => void;
  signal: AbortSignal;
}

const labels = (foldersAreLabels: boolean) => ({ labels: foldersAreLabels ? "folder" : undefined });

/** One request's worth of images. */
export function uploadSamples(dataset: number, files: File[], options: Options): Promise<UploadReport> {
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  return upload<UploadReport>(`/datasets/${dataset}/samples/`, form, {
    query: labels(options.foldersAreLabels),
    onProgress: options.onProgress,
    signal: options.signal,
  });
}

/** The images of a zip, or the one image, that was sent before. */
export function addSent(dataset: number, sent: string, foldersAreLabels: boolean): Promise<UploadReport> {
  return http.post(`/datasets/${dataset}/samples/`, {
    query: labels(foldersAreLabels),
    body: { upload: sent },
  });
}
