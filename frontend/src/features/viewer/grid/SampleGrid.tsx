import { Loader } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type MouseEvent, useCallback, useEffect, useMemo, useRef } from "react";
import type { Sample } from "@/api/types";
import { isDialogOpen, useKeys } from "@/lib/use-keys";
import { DEFAULT_ZOOM } from "@/lib/view-search";
import { useView } from "../view";
import classes from "./grid.module.css";
import { DEFAULT_SIZE, gap, rowHeight, thumbnailSize } from "./layout";
import { SampleTile } from "./SampleTile";
import { useRoving } from "./use-roving";
import { useRows } from "./use-rows";

interface Props {
  samples: Sample[];
  hasMore: boolean;
  isStale: boolean;
  onMore: () => void;
}

const PADDING = 12;

/** The samples as rows of pictures; only the rows in sight are in the page. */
export function SampleGrid({ samples, hasMore, isStale, onMore }: Props) {
  const { dataset, search, change, selection, hidden } = useView();
  const { ref: sizer, width } = useElementSize();
  const scroller = useRef<HTMLDivElement>(null);
  const pointed = useRef<number | null>(null);
  const wished = rowHeight(search.zoom ?? DEFAULT_ZOOM);
  const size = Math.max(DEFAULT_SIZE, thumbnailSize(wished, window.devicePixelRatio || 1));
  const rows = useRows(samples, width, wished);
  const fields = useMemo(
    () => dataset.fields.filter((field) => !hidden.has(field)),
    [dataset.fields, hidden],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.height ?? wished) + gap,
    overscan: 3,
    paddingStart: PADDING,
    paddingEnd: PADDING,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: new rows have new heights
  useEffect(() => virtual.measure(), [rows]);

  const { stop, visit, onKeyDown } = useRoving(rows, virtual);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= rows.length - 4) onMore();
  }, [hasMore, last, rows.length, onMore]);

  const latest = useRef(samples);
  latest.current = samples;
  const { toggle, extend, clear } = selection;
  const onOpen = useCallback(
    (id: number, event: MouseEvent) => {
      if (event.shiftKey)
        extend(
          id,
          latest.current.map((sample) => sample.id),
        );
      else if (event.ctrlKey || event.metaKey) toggle(id);
      else change({ sample: id });
    },
    [change, toggle, extend],
  );
  const onPoint = useCallback((id: number | null) => {
    pointed.current = id;
  }, []);
  const onVisit = useCallback(
    (id: number) => {
      onPoint(id);
      visit(id);
    },
    [onPoint, visit],
  );
  useKeys({
    "grid.select": () => !isDialogOpen() && pointed.current !== null && toggle(pointed.current),
    "grid.clear": () => !isDialogOpen() && clear(),
  });

  const view = JSON.stringify([search.filter, search.sort]);
  // Braces, since an effect may return only its clean-up, and newer browsers' `scrollTo` returns a promise.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another view begins at its beginning
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [view]);

  return (
    <div ref={scroller} className={classes.scroller} data-stale={isStale || undefined}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: hears the arrow keys of the buttons within */}
      <div
        ref={sizer}
        className={classes.sheet}
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={onKeyDown}
      >
        {items.map((item) => (
          <ul
            key={item.key}
            className={classes.row}
            style={{ transform: `translateY(${item.start}px)`, height: rows[item.index]?.height }}
          >
            {rows[item.index]?.samples.map((tile) => (
              <SampleTile
                key={tile.sample.id}
                {...tile}
                height={rows[item.index]?.height ?? wished}
                size={size}
                fields={fields}
                colourBy={search.colour ?? "label"}
                selected={selection.ids.has(tile.sample.id)}
                selecting={selection.ids.size > 0}
                onOpen={onOpen}
                onToggle={toggle}
                onPoint={onPoint}
                onVisit={onVisit}
                isStop={tile.sample.id === stop}
              />
            ))}
          </ul>
        ))}
      </div>
      {hasMore ? (
        <div className={classes.more}>
          <Loader size="sm" type="dots" aria-label="Loading more samples" />
        </div>
      ) : null}
    </div>
  );
}
