/** Two layers over the picture: what rests is drawn once, only what is being worked on is drawn anew. */

import { type DrawOptions, drawLabels } from "@/annotation/draw";
import type { Easel } from "@/annotation/easel";
import { handlesOf } from "@/annotation/geometry";
import type { ShapeLabel } from "@/annotation/shapes";
import type { Rect, Size } from "./zoom";

export interface Layer {
  labels: readonly ShapeLabel[];
  colourOf: (label: ShapeLabel) => string;
}

/** A mask as an image that is stretched over the picture. */
export type MaskLayer = CanvasImageSource;

export interface Sight {
  stage: Size;
  rect: Rect;
}

/** Names are left out where they would cover everything. */
const MOST_NAMED = 60;
const HANDLE = 8;

/** The canvas cleared, at the screen's own resolution, with its origin in the picture's corner. */
function prepared(canvas: HTMLCanvasElement, { stage, rect }: Sight): CanvasRenderingContext2D | null {
  const context = canvas.getContext("2d");
  if (!context) return null;
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(stage.width * ratio), Math.round(stage.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  } else {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
  }
  context.setTransform(ratio, 0, 0, ratio, rect.left * ratio, rect.top * ratio);
  return context;
}

export function paintResting(
  canvas: HTMLCanvasElement,
  sight: Sight,
  layers: readonly Layer[],
  masks: readonly MaskLayer[],
): void {
  const context = prepared(canvas, sight);
  if (!context) return;
  const { width, height } = sight.rect;
  context.imageSmoothingEnabled = false;
  for (const mask of masks) context.drawImage(mask, 0, 0, width, height);
  for (const { labels, colourOf } of layers) {
    drawLabels(context, labels, { width, height, colourOf, named: labels.length <= MOST_NAMED });
  }
}

export function paintActive(
  canvas: HTMLCanvasElement,
  sight: Sight,
  editor: Easel,
  colourOf: (label: ShapeLabel) => string,
): void {
  const context = prepared(canvas, sight);
  if (!context) return;
  const { width, height } = sight.rect;
  const options: DrawOptions = { width, height, colourOf, lineWidth: 2.5, fill: 0.28 };
  const shape = editor.active ?? editor.selected;
  if (shape) {
    drawLabels(context, [shape], { ...options, named: editor.active === null });
    drawHandles(context, shape, options);
  }
  drawStroke(context, editor, options);
  drawBrush(context, editor, options);
}

/** The brush's outline, dark and light, so that it is seen on any picture. */
function drawBrush(context: CanvasRenderingContext2D, editor: Easel, options: DrawOptions): void {
  const at = editor.brushAt;
  if (!at) return;
  const radius = Math.max(1, (editor.snapshot().brush * options.width) / editor.picture.width);
  for (const [colour, width] of [
    ["rgb(17 20 26 / 0.75)", 3],
    ["#fff", 1.25],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    context.arc(at[0] * options.width, at[1] * options.height, radius, 0, 2 * Math.PI);
    context.stroke();
  }
}

function drawHandles(context: CanvasRenderingContext2D, shape: ShapeLabel, options: DrawOptions): void {
  context.lineWidth = 1.5;
  context.strokeStyle = options.colourOf(shape);
  context.fillStyle = "#fff";
  for (const { at } of handlesOf(shape)) {
    const [x, y] = [at[0] * options.width - HANDLE / 2, at[1] * options.height - HANDLE / 2];
    context.fillRect(x, y, HANDLE, HANDLE);
    context.strokeRect(x, y, HANDLE, HANDLE);
  }
}

function drawStroke(context: CanvasRenderingContext2D, editor: Easel, options: DrawOptions): void {
  const { stroke } = editor;
  const { tool, brush, label } = editor.snapshot();
  if (stroke.length === 0) return;
  context.globalAlpha = 0.55;
  context.lineWidth = (2 * brush * options.width) / editor.picture.width;
  context.lineCap = "round";
  context.lineJoin = "round";
  const ink = options.colourOf(editor.selected ?? { id: "", label, bounding_box: [0, 0, 0, 0] });
  context.strokeStyle = tool === "eraser" ? "#11141a" : ink;
  context.beginPath();
  stroke.forEach(([x, y], index) => {
    if (index === 0) context.moveTo(x * options.width, y * options.height);
    context.lineTo(x * options.width, y * options.height);
  });
  context.stroke();
  context.globalAlpha = 1;
}
