/** A file on its way to a preview: chosen, sent, looked at. */

import { useCallback, useRef, useState } from "react";
import { previewImport, sendForPreview } from "@/api/exchange/preview-import";
import type { ExchangeFormat, ImportPreview } from "@/api/types";

interface Sent {
  phase: "idle" | "sending" | "ready";
  share: number;
  preview: ImportPreview | null;
  error: unknown;
}

const IDLE: Sent = { phase: "idle", share: 0, preview: null, error: null };

export function useSentFile(dataset: number) {
  const [state, setState] = useState<Sent>(IDLE);
  const stopping = useRef<AbortController | null>(null);

  const send = useCallback(
    async (file: File) => {
      const controller = new AbortController();
      stopping.current = controller;
      setState({ ...IDLE, phase: "sending" });
      try {
        const preview = await sendForPreview(dataset, file, {
          signal: controller.signal,
          onProgress: (share) => setState((now) => ({ ...now, share })),
        });
        setState({ ...IDLE, phase: "ready", preview });
      } catch (error) {
        setState({ ...IDLE, error: controller.signal.aborted ? null : error });
      }
    },
    [dataset],
  );

  /** Reads the same file as another format. */
  async function readAs(format: ExchangeFormat) {
    if (!state.preview) return;
    try {
      const preview = await previewImport(dataset, state.preview.upload, { format });
      setState({ ...IDLE, phase: "ready", preview });
    } catch (error) {
      setState((now) => ({ ...now, error }));
    }
  }

  return { ...state, send, readAs, stop: () => stopping.current?.abort(), reset: () => setState(IDLE) };
}
