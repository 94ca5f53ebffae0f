import {
  type KeyboardEvent,
  type PointerEvent,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Easel } from "@/annotation/easel";
import { boundsOf } from "@/annotation/geometry";
import { Painter } from "@/annotation/painter";
import { isShapeType, type ShapeLabel, shapesOf } from "@/annotation/shapes";
import type { Field, Sample } from "@/api/types";
import { Chips } from "@/components/values/Chips";
import { labelColour } from "@/lib/colours";
import { classColour } from "../mask-pictures";
import { PaintedSheet } from "./painted-sheet";
import { type Layer, paintActive, paintResting } from "./painting";
import classes from "./sample.module.css";
import { useMasks } from "./use-masks";
import { usePlacement } from "./use-placement";
import { useSpace } from "./use-space";

const PIXELS_FROM = 3;
/** How far from a line or point a press still hits it, in pixels of the screen. */
const REACH = 8;

interface Props {
  sample: Sample;
  /** The fields whose values lie over the picture. */
  fields: readonly Field[];
  /** At work on the shapes of `edited`, or on its pixels. */
  editor?: Easel | null;
  edited?: Field | undefined;
}

const colours = (field: Field | undefined) => (label: ShapeLabel) => labelColour(label.label, field);

function saidOf(editor: Easel | null | undefined): string {
  if (!editor) return "Image";
  const tab = editor instanceof Painter ? "" : ", Tab goes from object to object";
  return `Image: draw with the pointer${tab}`;
}

/** The picture with its labels; the wheel zooms at the pointer, dragging moves it or works on shapes. */
export function ImageStage({ sample, fields, editor, edited }: Props) {
  const resting = useRef<HTMLCanvasElement>(null);
  const active = useRef<HTMLCanvasElement>(null);
  const [failed, setFailed] = useState(false);
  const others = useMemo(() => fields.filter(({ name }) => name !== edited?.name), [fields, edited?.name]);
  const layers = useMemo(
    () =>
      others
        .filter(({ type }) => isShapeType(type))
        .map((field): Layer => ({ labels: shapesOf(sample.values[field.name]), colourOf: colours(field) })),
    [others, sample.values],
  );
  const all = () =>
    editor?.selected
      ? [editor.selected]
      : [...layers.flatMap(({ labels }) => labels), ...(editor?.visible ?? [])];
  const { stage, ref, size, rect, placement, pan, fit } = usePlacement(sample, () => boundsOf(all()));
  const masks = useMasks(others, sample);
  const sheet = useMemo(
    () => (editor instanceof Painter && edited ? new PaintedSheet(editor, classColour(edited)) : null),
    [editor, edited],
  );
  const spaceHeld = useSpace();

  const paint = useCallback(() => {
    if (!resting.current || size.width === 0) return;
    const own: Layer[] = editor
      ? [{ labels: editor.visible.filter((label) => label !== editor.selected), colourOf: colours(edited) }]
      : [];
    const painted = sheet ? [sheet.shown()] : [];
    paintResting(resting.current, { stage: size, rect }, [...layers, ...own], [...masks, ...painted]);
  }, [editor, edited, layers, masks, rect, sheet, size]);
  useEffect(paint, [paint]);
  useEffect(() => {
    if (!editor || size.width === 0) return;
    let drawn: readonly unknown[] = [];
    let asked = 0;
    // Once per frame at most, and the resting layer only when what it holds has changed.
    const again = () => {
      asked = 0;
      if (stage.current) stage.current.dataset.tool = editor.snapshot().tool;
      const now = editor.resting;
      if (now.some((each, index) => each !== drawn[index])) paint();
      drawn = now;
      if (active.current) paintActive(active.current, { stage: size, rect }, editor, colours(edited));
    };
    again();
    const leave = editor.subscribe(() => {
      asked ||= requestAnimationFrame(again);
    });
    const element = stage.current;
    return () => {
      leave();
      delete element?.dataset.tool;
      cancelAnimationFrame(asked);
    };
  }, [editor, edited, paint, rect, size, stage]);

  function pointer(event: PointerEvent) {
    const box = event.currentTarget.getBoundingClientRect();
    const at = [
      (event.clientX - box.left - rect.left) / rect.width,
      (event.clientY - box.top - rect.top) / rect.height,
    ] as const;
    return { at, tolerance: [REACH / rect.width, REACH / rect.height] as const };
  }
  const pans = () => !editor || spaceHeld.current || editor.snapshot().tool === "pan";
  const panning = useRef(false);

  function press(event: PointerEvent<HTMLDivElement>) {
    event.currentTarget.setPointerCapture(event.pointerId);
    panning.current = pans() || event.button === 1;
    if (!panning.current && event.button === 0) editor?.press(pointer(event));
  }
  function drag(event: PointerEvent) {
    if (panning.current && event.buttons !== 0) pan({ x: event.movementX, y: event.movementY });
    else if (!panning.current) editor?.move(pointer(event));
  }
  function release(event: PointerEvent) {
    if (!panning.current && event.button === 0) editor?.release(pointer(event));
    panning.current = false;
  }

  // Here and not with the other keys: whoever keeps the focus in the dialog hears Tab next, and would take it.
  function step(event: KeyboardEvent) {
    if (event.key === "Tab" && editor?.next(event.shiftKey ? -1 : 1)) event.preventDefault();
  }

  return (
    <div
      ref={ref}
      className={classes.stage}
      data-zoomed={placement.scale > 1 || undefined}
      role="application"
      aria-label={saidOf(editor)}
      tabIndex={editor ? 0 : -1}
      data-stage
      onKeyDown={step}
      onPointerDown={press}
      onPointerMove={drag}
      onPointerUp={release}
      onPointerCancel={() => editor?.cancel()}
      onPointerLeave={() => editor?.leave()}
      onDoubleClick={editor ? undefined : fit}
    >
      {failed ? (
        <p className={classes.failed}>The image could not be loaded.</p>
      ) : (
        <img
          className={classes.image}
          src={sample.media_url}
          alt={sample.name}
          draggable={false}
          data-pixels={rect.width / (sample.width || 1) >= PIXELS_FROM || undefined}
          style={{ left: rect.left, top: rect.top, width: rect.width, height: rect.height }}
          onError={() => setFailed(true)}
        />
      )}
      <canvas ref={resting} className={classes.layer} data-testid="labels" />
      {editor ? <canvas ref={active} className={classes.layer} /> : null}
      <div className={classes.stageChips} aria-hidden="true">
        <Chips fields={fields.filter(({ type }) => !isShapeType(type))} values={sample.values} />
      </div>
    </div>
  );
}
