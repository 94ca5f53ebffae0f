/** The grid is one stop of the Tab key; inside it the arrow keys go from picture to picture. */

import type { Virtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import type { Row } from "./layout";
import { neighbour } from "./neighbour";

type Scroller = Virtualizer<HTMLDivElement, Element>;

const openerOf = (id: number) => document.querySelector<HTMLElement>(`[data-sample="${id}"]`);

interface Roving {
  /** The sample that Tab leads to: the last one visited, or the first in sight. */
  stop: number | undefined;
  visit: (id: number) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

export function useRoving(rows: Row[], virtual: Scroller): Roving {
  const [visited, visit] = useState<number | null>(null);
  const wanted = useRef<number | null>(null);
  const shown = virtual.getVirtualItems().flatMap(({ index }) => rows[index]?.samples ?? []);
  const stop = shown.some(({ sample }) => sample.id === visited) ? visited : shown[0]?.sample.id;

  // After every render: a row that was out of sight gets its pictures only once it has been scrolled to.
  useEffect(() => {
    const target = wanted.current === null ? null : openerOf(wanted.current);
    if (!target) return;
    wanted.current = null;
    target.focus({ preventScroll: true });
  });

  const latest = useRef(rows);
  latest.current = rows;
  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      const from = (event.target as Element).closest<HTMLElement>("[data-sample]")?.dataset.sample;
      if (from === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      const next = neighbour(latest.current, Number(from), event.key);
      if (!next) return;
      event.preventDefault();
      wanted.current = next.sample;
      visit(next.sample);
      virtual.scrollToIndex(next.row, { align: "auto" });
    },
    [virtual],
  );
  return { stop: stop ?? undefined, visit, onKeyDown };
}
