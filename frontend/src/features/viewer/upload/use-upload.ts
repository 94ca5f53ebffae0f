import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "@/api/query-client";
import { addSent, uploadSamples } from "@/api/samples/upload-samples";
import type { UploadReport } from "@/api/types";
import type { Courier } from "@/api/uploads/courier";
import { useCourier } from "@/components/transfer/use-courier";
import { batchesOf, goesInPieces, sizeOf } from "./batches";

export interface UploadState {
  phase: "idle" | "sending" | "done";
  report: UploadReport;
  error: unknown;
}

const START: UploadState = { phase: "idle", report: { added: 0, skipped: [] }, error: null };

/** Sends batch after batch; what was added before a failure or a stop is in the dataset and in the report. */
export function useUpload(dataset: number) {
  const client = useQueryClient();
  const [state, setState] = useState(START);
  const courier = useCourier();

  /** Adds a batch; what is there already is skipped, so that it may be sent again. */
  async function bring(way: Courier, batch: File[], foldersAreLabels: boolean): Promise<UploadReport> {
    const [first] = batch;
    if (first && goesInPieces(first)) {
      const sent = await way.send(first);
      return way.using(first, () => addSent(dataset, sent, foldersAreLabels));
    }
    const size = sizeOf(batch);
    return way.insist(size, ({ onSent, signal }) => {
      const onProgress = (share: number) => onSent(size * share);
      return uploadSamples(dataset, batch, { foldersAreLabels, onProgress, signal });
    });
  }

  async function send(files: File[], foldersAreLabels: boolean) {
    const report: UploadReport = { added: 0, skipped: [] };
    setState({ ...START, phase: "sending" });
    let error: unknown = null;
    try {
      await courier.bring(sizeOf(files), async (way) => {
        for (const batch of batchesOf(files)) {
          const part = await bring(way, batch, foldersAreLabels);
          report.added += part.added;
          report.skipped.push(...part.skipped);
          setState((now) => ({ ...now, report: { ...report } }));
        }
      });
    } catch (failure) {
      error = failure;
    }
    setState({ phase: "done", report: { ...report }, error });
    look();
  }

  /** Reads anew what is in the dataset. */
  function look() {
    for (const queryKey of [keys.datasets, keys.samples(dataset), keys.facets(dataset)]) {
      client.invalidateQueries({ queryKey });
    }
  }

  return { state, courier, send, look, reset: () => setState(START) };
}
