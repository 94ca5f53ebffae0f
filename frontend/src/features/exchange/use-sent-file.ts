/** A file on its way to a preview: chosen, sent or found on the server, looked at. */

import { useCallback, useRef, useState } from "react";
import { previewImport, previewReference, previewSent } from "@/api/exchange/preview-import";
import type { ExchangeFormat, ImportPreview } from "@/api/types";
import { isStop, useCourier } from "@/components/transfer/use-courier";

interface Sent {
  phase: "idle" | "sending" | "ready";
  preview: ImportPreview | null;
  error: unknown;
}

const IDLE: Sent = { phase: "idle", preview: null, error: null };

export function useSentFile(dataset: number) {
  const [state, setState] = useState<Sent>(IDLE);
  const courier = useCourier();
  const stopping = useRef<AbortController | null>(null);

  const look = useCallback(async (asked: () => Promise<ImportPreview>) => {
    setState({ ...IDLE, phase: "sending" });
    try {
      setState({ ...IDLE, phase: "ready", preview: await asked() });
    } catch (error) {
      setState({ ...IDLE, error: isStop(error) ? null : error });
    }
  }, []);

  const send = (file: File) =>
    look(() =>
      courier.bring(file.size, async (way) => {
        const upload = await way.send(file);
        const preview = await way.using(file, () => previewSent(dataset, upload));
        if (way.isCancelled) throw new DOMException("The upload was stopped.", "AbortError");
        return preview;
      }),
    );

  /** Looks at what lies on the server. */
  const refer = (path: string) => {
    const controller = new AbortController();
    stopping.current = controller;
    return look(() => previewReference(dataset, path, controller.signal));
  };

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

  function stop() {
    stopping.current?.abort();
    courier.cancel();
  }

  return { ...state, courier, send, refer, readAs, stop, reset: () => setState(IDLE) };
}
