/** A file on its way to a preview: chosen, sent or found on the server, looked at. */

import { useCallback, useRef, useState } from "react";
import { previewImport, previewReference, sendForPreview } from "@/api/exchange/preview-import";
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

  const look = useCallback(async (asked: (signal: AbortSignal) => Promise<ImportPreview>, share: number) => {
    const controller = new AbortController();
    stopping.current = controller;
    setState({ ...IDLE, phase: "sending", share });
    try {
      setState({ ...IDLE, phase: "ready", preview: await asked(controller.signal) });
    } catch (error) {
      setState({ ...IDLE, error: controller.signal.aborted ? null : error });
    }
  }, []);

  const onProgress = (share: number) => setState((now) => ({ ...now, share }));
  const send = (file: File) => look((signal) => sendForPreview(dataset, file, { signal, onProgress }), 0);

  /** Looks at what lies on the server. */
  const refer = (path: string) => look((signal) => previewReference(dataset, path, signal), 1);

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

  const stop = () => stopping.current?.abort();
  return { ...state, send, refer, readAs, stop, reset: () => setState(IDLE) };
}
