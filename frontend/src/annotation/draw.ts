/** Draws the shapes of labels into a canvas of any size; used by thumbnails, the large picture and its editor alike. */

import { inkOn } from "@/lib/colours";
import { columnsOf } from "./rle";
import { isBox, isPolyline, type Point, type Rle, type ShapeLabel } from "./shapes";

/** What of a canvas is drawn with; a `CanvasRenderingContext2D` is one. */
export type Drawing = Pick<
  CanvasRenderingContext2D,
  | "beginPath"
  | "moveTo"
  | "lineTo"
  | "closePath"
  | "rect"
  | "arc"
  | "stroke"
  | "fill"
  | "fillRect"
  | "fillText"
  | "measureText"
  | "save"
  | "restore"
> & {
  strokeStyle: string | CanvasGradient | CanvasPattern;
  fillStyle: string | CanvasGradient | CanvasPattern;
  lineWidth: number;
  globalAlpha: number;
  font: string;
  textBaseline: CanvasTextBaseline;
  lineJoin: CanvasLineJoin;
};

export interface DrawOptions {
  /** The picture's size in the context's units: relative coordinates are multiplied by it. */
  width: number;
  height: number;
  colourOf: (label: ShapeLabel) => string;
  /** Of outlines, in the context's units. */
  lineWidth?: number;
  /** Writes each label's name at its shape. */
  named?: boolean;
  /** How strongly areas are filled: 0 leaves outlines alone. */
  fill?: number;
}

const KEYPOINT_RADIUS = 3.5;
const FILL = 0.16;
const MASK_FILL = 0.45;
const FULL_TURN = 2 * Math.PI;

/** Draws boxes with their masks, polylines, polygons and keypoints, in the order given. */
export function drawLabels(context: Drawing, labels: readonly ShapeLabel[], options: DrawOptions): void {
  context.save();
  context.lineJoin = "round";
  for (const label of labels) drawOne(context, label, options);
  if (options.named) for (const label of labels) drawName(context, label, options);
  context.restore();
}

function drawOne(context: Drawing, label: ShapeLabel, options: DrawOptions): void {
  const colour = options.colourOf(label);
  const line = options.lineWidth ?? 2;
  if (isBox(label)) {
    if (label.mask) fillMask(context, label.mask, colour, options);
    const [x, y, width, height] = label.bounding_box;
    context.beginPath();
    context.rect(x * options.width, y * options.height, width * options.width, height * options.height);
    outline(context, colour, line);
  } else if (isPolyline(label)) {
    context.beginPath();
    for (const points of label.points) trace(context, points, label.closed, options);
    if (label.filled) fill(context, colour, options.fill ?? FILL);
    outline(context, colour, line);
  } else {
    for (const point of label.points) if (point) dot(context, point, colour, options);
  }
}

function trace(context: Drawing, points: readonly Point[], closed: boolean, options: DrawOptions): void {
  points.forEach(([x, y], index) => {
    if (index === 0) context.moveTo(x * options.width, y * options.height);
    else context.lineTo(x * options.width, y * options.height);
  });
  if (closed) context.closePath();
}

/** A dark line below the coloured one, so that it stands off any picture. */
function outline(context: Drawing, colour: string, width: number): void {
  context.lineWidth = width + 1.5;
  context.strokeStyle = "rgb(0 0 0 / 55%)";
  context.stroke();
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

function fill(context: Drawing, colour: string, alpha: number): void {
  if (alpha <= 0) return;
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
}

function dot(context: Drawing, [x, y]: Point, colour: string, options: DrawOptions): void {
  context.beginPath();
  context.arc(x * options.width, y * options.height, KEYPOINT_RADIUS, 0, FULL_TURN);
  context.fillStyle = colour;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = "#fff";
  context.stroke();
}

/** One path of a mask's columns, each a little wider than its pixels, or seams would show between them. */
function fillMask(context: Drawing, mask: Rle, colour: string, { width, height, ...how }: DrawOptions): void {
  const [rows, columns] = mask.size;
  const [across, down] = [width / columns, height / rows];
  context.beginPath();
  for (const [x, top, bottom] of columnsOf(mask)) {
    context.rect(x * across, top * down, across + 0.3, (bottom - top) * down);
  }
  fill(context, colour, how.fill === 0 ? 0 : MASK_FILL);
}

function anchorOf(label: ShapeLabel): Point | null {
  if (isBox(label)) return [label.bounding_box[0], label.bounding_box[1]];
  const points = isPolyline(label) ? (label.points[0] ?? []) : label.points;
  return points.reduce<Point | null>(
    (top, point) => (point && (!top || point[1] < top[1]) ? point : top),
    null,
  );
}

const TEXT = 11;
const PAD = 4;

function drawName(context: Drawing, label: ShapeLabel, options: DrawOptions): void {
  const anchor = anchorOf(label);
  if (!anchor || !label.label) return;
  const text =
    typeof label.confidence === "number" ? `${label.label} ${label.confidence.toFixed(2)}` : label.label;
  context.font = `600 ${TEXT}px "Inter Variable", system-ui, sans-serif`;
  context.textBaseline = "middle";
  const tall = TEXT + PAD;
  const x = anchor[0] * options.width - 1;
  const y = Math.max(0, anchor[1] * options.height - tall - 1);
  const colour = options.colourOf(label);
  context.fillStyle = colour;
  context.fillRect(x, y, context.measureText(text).width + 2 * PAD, tall);
  context.fillStyle = inkOn(colour);
  context.fillText(text, x + PAD, y + tall / 2 + 0.5);
}
