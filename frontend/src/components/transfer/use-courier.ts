/** One upload at a time of a dialog: begun, watched, paused, ended. Closing the dialog leaves what came on the server. */

import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Courier, type Transfer } from "@/api/uploads/courier";

const nobody = () => () => undefined;

export function useCourier() {
  const [courier, setCourier] = useState<Courier | null>(null);
  const current = useRef<Courier | null>(null);
  const transfer: Transfer | null = useSyncExternalStore(
    courier?.subscribe ?? nobody,
    () => courier?.transfer ?? null,
  );
  useEffect(() => () => current.current?.leave(), []);

  /** Runs with a courier for so many bytes, which is shown until it is done. */
  const bring = useCallback(async <T>(total: number, run: (courier: Courier) => Promise<T>): Promise<T> => {
    const made = new Courier(total);
    current.current = made;
    setCourier(made);
    try {
      return await run(made);
    } finally {
      setCourier(null);
    }
  }, []);

  return {
    transfer,
    bring,
    pause: () => courier?.pause(),
    resume: () => courier?.resume(),
    cancel: () => courier?.cancel(),
  };
}

export const isStop = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "AbortError";
