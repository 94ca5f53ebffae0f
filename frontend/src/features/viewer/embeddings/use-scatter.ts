/** The hand on the plot: drawing around points, moving, zooming, pointing; the same by keys. */

import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useRef, useState } from "react";
import {
  type Cloud,
  type Extent,
  fitted,
  movedBy,
  type Point,
  pointAt,
  rectangle,
  type Scale,
  simplified,
  zoomedAt,
} from "./geometry";
import { type Mode, modeOf } from "./term";

export type Tool = "lasso" | "box" | "pan";

interface Asked {
  cloud: Cloud;
  extent: Extent;
  width: number;
  height: number;
  tool: Tool;
  onDrawn: (corners: Point[], mode: Mode) => void;
  onClear: () => void;
  onOpen: (index: number) => void;
}

const STEP = 1.3;
const NUDGE = 48;
const REACH = 9;
const CLICK = 4;

const farthest = (line: readonly Point[]): number => {
  const [from] = line;
  return from ? Math.max(...line.map(([x, y]) => Math.hypot(x - from[0], y - from[1]))) : 0;
};

export function useScatter({ cloud, extent, width, height, tool, onDrawn, onClear, onOpen }: Asked) {
  const [placed, setPlaced] = useState<Scale | null>(null);
  const [line, setLine] = useState<Point[] | null>(null);
  const [hovered, setHovered] = useState(-1);
  const [stage, setStage] = useState<HTMLElement | null>(null);
  const pan = useRef<Point | null>(null);
  const scale = placed ?? fitted(extent, width, height);
  const latest = useRef(scale);
  useEffect(() => {
    latest.current = scale;
  });

  useEffect(() => {
    if (!stage) return;
    // React listens to wheel passively, and a passive listener cannot keep the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = stage.getBoundingClientRect();
      const at: Point = [event.clientX - box.left, event.clientY - box.top];
      setPlaced((now) => zoomedAt(now ?? latest.current, Math.exp(-event.deltaY * 0.0015), at));
    };
    stage.addEventListener("wheel", onWheel, { passive: false });
    return () => stage.removeEventListener("wheel", onWheel);
  }, [stage]);

  const zoom = (factor: number) => setPlaced(zoomedAt(scale, factor, [width / 2, height / 2]));
  const fit = useCallback(() => setPlaced(null), []);
  const chooseSight = (mode: Mode) => onDrawn(simplified(rectangle([0, 0], [width, height]), scale), mode);

  function at(event: PointerEvent): Point {
    const box = event.currentTarget.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  function press(event: PointerEvent) {
    if (event.button > 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setHovered(-1);
    if (tool === "pan" || event.button === 1) pan.current = at(event);
    else setLine([at(event)]);
  }

  function drag(event: PointerEvent) {
    const here = at(event);
    if (pan.current) {
      const [x, y] = pan.current;
      setPlaced(movedBy(scale, here[0] - x, here[1] - y));
      pan.current = here;
    } else if (line) {
      const [from = here] = line;
      setLine(tool === "box" ? [from, here] : [...line, here]);
    } else {
      setHovered(pointAt(cloud, scale, here, REACH));
    }
  }

  function release(event: PointerEvent) {
    pan.current = null;
    if (!line) return;
    setLine(null);
    if (farthest(line) < CLICK) {
      const index = pointAt(cloud, scale, at(event), REACH);
      if (index >= 0) onOpen(index);
      return;
    }
    const [from, to] = [line[0], line.at(-1)];
    const drawn = tool === "box" && from && to ? rectangle(from, to) : line;
    onDrawn(simplified(drawn, scale), modeOf(event));
  }

  function key(event: KeyboardEvent) {
    const acts: Record<string, () => void> = {
      ArrowLeft: () => setPlaced(movedBy(scale, NUDGE, 0)),
      ArrowRight: () => setPlaced(movedBy(scale, -NUDGE, 0)),
      ArrowUp: () => setPlaced(movedBy(scale, 0, NUDGE)),
      ArrowDown: () => setPlaced(movedBy(scale, 0, -NUDGE)),
      "+": () => zoom(STEP),
      "=": () => zoom(STEP),
      "-": () => zoom(1 / STEP),
      "0": fit,
      Enter: () => chooseSight(modeOf(event)),
      Escape: onClear,
    };
    const act = event.ctrlKey || event.metaKey ? undefined : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  const hand = {
    onPointerDown: press,
    onPointerMove: drag,
    onPointerUp: release,
    onPointerCancel: () => setLine(null),
    onPointerLeave: () => setHovered(-1),
    onDoubleClick: tool === "pan" ? fit : undefined,
    onKeyDown: key,
  };
  return { scale, line, hovered, zoom, fit, chooseSight, hand, setStage };
}
