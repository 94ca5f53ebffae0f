import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { keys } from "@/api/query-client";
import { uploadSamples } from "@/api/samples/upload-samples";
import type { UploadReport } from "@/api/types";
import { batchesOf } from "./batches";

export interface UploadState {
  phase: "idle" | "sending" | "done";
  /** Share of all bytes sent, 0..1. */
  share: number;
  report: UploadReport;
  error: unknown;
}

const START: UploadState = { phase: "idle", share: 0, report: { added: 0, skipped: [] }, error: null };

/** Sends batch after batch; what was added before a failure or a stop is in the dataset and in the report. */
export function useUpload(dataset: number) {
  const client = useQueryClient();
  const [state, setState] = useState(START);
  const stopper = useRef<AbortController>(null);

  async function send(files: File[], foldersAreLabels: boolean) {
    const controller = new AbortController();
    stopper.current = controller;
    const bytes = Math.max(
      1,
      files.reduce((sum, file) => sum + file.size, 0),
    );
    const report: UploadReport = { added: 0, skipped: [] };
    let sent = 0;
    let error: unknown = null;
    setState({ ...START, phase: "sending" });
    for (const batch of batchesOf(files)) {
      const size = batch.reduce((sum, file) => sum + file.size, 0);
      try {
        const part = await uploadSamples(dataset, batch, {
          foldersAreLabels,
          signal: controller.signal,
          onProgress: (share) => setState((now) => ({ ...now, share: (sent + size * share) / bytes })),
        });
        report.added += part.added;
        report.skipped.push(...part.skipped);
      } catch (failure) {
        error = failure;
        break;
      }
      sent += size;
      setState((now) => ({ ...now, share: sent / bytes, report: { ...report } }));
    }
    setState({ phase: "done", share: sent / bytes, report: { ...report }, error });
    for (const queryKey of [keys.datasets, keys.samples(dataset), keys.facets(dataset)]) {
      client.invalidateQueries({ queryKey });
    }
  }

  return { state, send, stop: () => stopper.current?.abort(), reset: () => setState(START) };
}
