import type { UploadReport } from "../types";
import { upload } from "../upload";

interface Options {
  foldersAreLabels: boolean;
  onProgress: (share: number) => void;
  signal: AbortSignal;
}

/** One request's worth of images, or one zip of them. */
export function uploadSamples(dataset: number, files: File[], options: Options): Promise<UploadReport> {
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  return upload<UploadReport>(`/datasets/${dataset}/samples/`, form, {
    query: { labels: options.foldersAreLabels ? "folder" : undefined },
    onProgress: options.onProgress,
    signal: options.signal,
  });
}
