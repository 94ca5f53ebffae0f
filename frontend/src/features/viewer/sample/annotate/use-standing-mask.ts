/** Lets a painter have what stands in the field, which for a stored mask has to be read first. */

import { useEffect, useRef } from "react";
import type { Painter } from "@/annotation/painter";
import { isRuns } from "@/annotation/runs";
import { useRuns } from "@/api/samples/get-runs";

interface Standing {
  value: unknown;
  /** Of the value as the server last said. */
  revision: number;
  /** Whether the value is one that the server does not have yet. */
  isPending: boolean;
}

const urlOf = (value: unknown): string | null => {
  const url = (value as { url?: unknown } | null)?.url;
  return typeof url === "string" ? url : null;
};

/** Why nothing can be painted, where that is so. */
export function useStandingMask(painter: Painter | null, { value, revision, isPending }: Standing): unknown {
  const url = painter ? urlOf(value) : null;
  const { data, error } = useRuns(url);
  /** What the painter has: a revision that it wrote or read. */
  const had = useRef<{ painter: Painter | null; revision: number; url: string | null }>({
    ...{ painter: null, revision: -1, url: null },
  });
  useEffect(() => {
    if (!painter) return;
    const isKnown =
      had.current.painter === painter &&
      (had.current.url === url || (!isPending && had.current.revision === revision));
    if (url === null || isRuns(value)) painter.load(isRuns(value) ? value : null);
    // Read again after it was saved, the value has an address; its pixels are those that were painted.
    else if (isKnown) return;
    else if (data) painter.load(data);
    // Whoever painted now would paint over pixels that he does not see.
    else return painter.wait();
    // What is not saved may still be given up, and then the same revision stands there with other pixels.
    had.current = { painter, revision: isPending ? -1 : revision, url };
  }, [painter, value, url, data, revision, isPending]);
  return error;
}
