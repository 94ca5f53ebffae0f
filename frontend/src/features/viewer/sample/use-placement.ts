/** Zoom and pan of the large picture: wheel, keys, and dragging. */

import { useElementSize, useMergedRef } from "@mantine/hooks";
import {
  type RefCallback,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Bounds } from "@/annotation/geometry";
import type { Sample } from "@/api/types";
import { useKeys, within } from "@/lib/use-keys";
import { FITTED, moved, type Placement, type Rect, rectOf, type Size, zoomed, zoomedTo } from "./zoom";

const STEP = 1.25;

export interface Placed {
  stage: RefObject<HTMLDivElement | null>;
  /** To be put on the stage. */
  ref: RefCallback<HTMLDivElement>;
  size: Size;
  rect: Rect;
  placement: Placement;
  pan: (by: { x: number; y: number }) => void;
  fit: () => void;
}

export function usePlacement(sample: Sample, boundsOfLabels: () => Bounds | null): Placed {
  const stage = useRef<HTMLDivElement>(null);
  const { ref: sizer, width, height } = useElementSize<HTMLDivElement>();
  const ref = useMergedRef(stage, sizer);
  const [placement, setPlacement] = useState(FITTED);
  const first = useFirstSize(stage);
  const size = useMemo(() => (width > 0 ? { width, height } : first), [width, height, first]);
  const rect = useMemo(
    () => rectOf(size, { width: sample.width, height: sample.height }, placement),
    [size, sample.width, sample.height, placement],
  );

  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    // React listens to wheel passively, and a passive listener cannot keep the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      const point = {
        x: event.clientX - box.left - box.width / 2,
        y: event.clientY - box.top - box.height / 2,
      };
      setPlacement((now) => zoomed(now, Math.exp(-event.deltaY * 0.0015), point));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);

  const fit = () => setPlacement(FITTED);
  useKeys(
    within(1, {
      "sample.fit": fit,
      "sample.closer": () => setPlacement((now) => zoomed(now, STEP)),
      "sample.farther": () => setPlacement((now) => zoomed(now, 1 / STEP)),
      "sample.labels": () => {
        const bounds = boundsOfLabels();
        if (bounds) setPlacement(zoomedTo(size, sample, bounds));
      },
    }),
  );
  const pan = (by: { x: number; y: number }) => setPlacement((now) => moved(now, by));
  return { stage, ref, size, rect, placement, pan, fit };
}

const NONE: Size = { width: 0, height: 0 };

/** The stage's size before the first paint: the observer tells only two frames later. */
function useFirstSize(stage: RefObject<HTMLDivElement | null>): Size {
  const [size, setSize] = useState(NONE);
  useLayoutEffect(() => {
    const box = stage.current?.getBoundingClientRect();
    if (box) setSize({ width: box.width, height: box.height });
  }, [stage]);
  return size;
}
