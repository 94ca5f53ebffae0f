/** Which samples are picked: one by one, or as a range from the last one picked. */

import { useCallback, useMemo, useState } from "react";

export interface Picked {
  ids: ReadonlySet<number>;
  anchor: number | null;
}

export interface Selection {
  ids: ReadonlySet<number>;
  toggle: (id: number) => void;
  /** Picks everything between the last picked sample and this one, in the grid's order. */
  extend: (id: number, order: number[]) => void;
  clear: () => void;
}

export const NOTHING: Picked = { ids: new Set(), anchor: null };

export function toggledIn({ ids }: Picked, id: number): Picked {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

export function extendedTo({ ids, anchor }: Picked, id: number, order: number[]): Picked {
  const from = anchor === null ? -1 : order.indexOf(anchor);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) return { ids: new Set([...ids, id]), anchor: id };
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...ids, ...range]), anchor };
}

export function useSelection(): Selection {
  const [picked, setPicked] = useState(NOTHING);
  const toggle = useCallback((id: number) => setPicked((now) => toggledIn(now, id)), []);
  const extend = useCallback(
    (id: number, order: number[]) => setPicked((now) => extendedTo(now, id, order)),
    [],
  );
  const clear = useCallback(() => setPicked(NOTHING), []);
  return useMemo(() => ({ ids: picked.ids, toggle, extend, clear }), [picked, toggle, extend, clear]);
}
