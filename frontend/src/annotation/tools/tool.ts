/** What every tool is: a state machine over presses, moves and releases of a pointer. */

import type { Tolerance } from "../geometry";
import type { Point, ShapeLabel, ShapeType } from "../shapes";

/** Every tool, in the order of the toolbar. */
export const TOOL_NAMES = [
  ...(["select", "box", "polygon", "polyline", "keypoints", "brush", "eraser", "flood", "pan"] as const),
];
export type ToolName = (typeof TOOL_NAMES)[number];

/** What is drawn on a picture: shapes, or a class for each of its pixels. */
export type DrawnType = ShapeType | "segmentation";

export interface Pointer {
  at: Point;
  /** How far the pointer may miss. */
  tolerance: Tolerance;
}

/** What a tool finds when it is used. */
export interface Scene {
  type: DrawnType;
  /** Those that are not hidden. */
  labels: readonly ShapeLabel[];
  selected: ShapeLabel | null;
  /** The class that a new shape gets. */
  label: string;
  /** The picture's size in pixels, and the brush's radius in pixels of the picture. */
  width: number;
  height: number;
  brush: number;
}

/** What a brush has passed over, in shares of the picture. */
export interface Stroke {
  stroke: readonly Point[];
  erases: boolean;
}

/** What a tool did: put a label in place (new or changed), chose one, painted, or filled the region at a point. */
export type Deed = { put: ShapeLabel; what: string } | { select: string | null } | Stroke | { flood: Point };

export interface Tool {
  /** The shape in the making, drawn over the others. */
  readonly active: ShapeLabel | null;
  /** What a brush has passed over, in shares of the picture. */
  readonly stroke?: readonly Point[];
  press(pointer: Pointer, scene: Scene): Deed | null;
  move(pointer: Pointer, scene: Scene): void;
  release(pointer: Pointer, scene: Scene): Deed | null;
  /** Ends a shape of several points. */
  finish(scene: Scene): Deed | null;
  /** Gives the shape in the making up; false if there was none. */
  cancel(): boolean;
}

/** The tools that make or change shapes of a type, in the order of the toolbar. */
export const TOOLS: Record<DrawnType, readonly ToolName[]> = {
  detections: ["select", "box", "brush", "eraser", "pan"],
  polylines: ["select", "polygon", "polyline", "pan"],
  keypoints: ["select", "keypoints", "pan"],
  segmentation: ["brush", "eraser", "polygon", "flood", "pan"],
};

/** A label that a person changed: what a model was sure of no longer holds. */
export function byHand<L extends ShapeLabel>(label: L): L {
  const { confidence: _, ...rest } = label;
  return rest as L;
}

export const WORDS: Record<DrawnType, string> = {
  detections: "box",
  polylines: "line",
  keypoints: "keypoints",
  segmentation: "mask",
};
