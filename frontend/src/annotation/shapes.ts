/** What is drawn on a picture: labels as the API has them, coordinates 0..1 of the displayed picture. */

export type Point = readonly [x: number, y: number];

/** COCO's run lengths over the whole picture, column by column, beginning with what is outside. */
export interface Rle {
  size: readonly [height: number, width: number];
  counts: readonly number[] | string;
}

export interface Common {
  id: string;
  label: string;
  confidence?: number | null;
  tags?: readonly string[];
  attributes?: Readonly<Record<string, unknown>>;
}

export interface BoxLabel extends Common {
  bounding_box: readonly [x: number, y: number, width: number, height: number];
  mask?: Rle | null;
}

export interface PolylineLabel extends Common {
  points: readonly (readonly Point[])[];
  closed: boolean;
  filled: boolean;
}

export interface KeypointsLabel extends Common {
  points: readonly (Point | null)[];
}

export type ShapeLabel = BoxLabel | PolylineLabel | KeypointsLabel;

/** The types of field whose labels have a place in the picture. */
export const SHAPE_TYPES = ["detections", "polylines", "keypoints"] as const;
export type ShapeType = (typeof SHAPE_TYPES)[number];

export const isShapeType = (type: string): type is ShapeType =>
  (SHAPE_TYPES as readonly string[]).includes(type);

export const isBox = (label: ShapeLabel): label is BoxLabel => "bounding_box" in label;
export const isPolyline = (label: ShapeLabel): label is PolylineLabel => "closed" in label;

/** The shapes of a value of a shape type, whatever stands there. */
export function shapesOf(value: unknown): readonly ShapeLabel[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (label) => typeof label === "object" && label !== null && ("bounding_box" in label || "points" in label),
  );
}

/** An id that no other label has: 64 random bits, as the server makes them. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const clamp = (value: number): number => Math.min(1, Math.max(0, value));
export const clampPoint = ([x, y]: Point): Point => [clamp(x), clamp(y)];

/** "box", "polygon", "line", "keypoints": what a shape is called in a list. */
export function kindOf(label: ShapeLabel): string {
  if (isBox(label)) return label.mask ? "mask" : "box";
  if (!isPolyline(label)) return "keypoints";
  return label.closed ? "polygon" : "line";
}
