/** What every tool is: a state machine over presses, moves and releases of a pointer. */

import type { Tolerance } from "../geometry";
import type { Point, ShapeLabel, ShapeType } from "../shapes";

export type ToolName = "select" | "box" | "polygon" | "polyline" | "keypoints" | "brush" | "eraser" | "pan";

export interface Pointer {
  at: Point;
  /** How far the pointer may miss. */
  tolerance: Tolerance;
}

/** What a tool finds when it is used. */
export interface Scene {
  type: ShapeType;
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

/** What a tool did: put a label in place (new or changed), or chose one. */
export type Deed = { put: ShapeLabel; what: string } | { select: string | null };

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
export const TOOLS: Record<ShapeType, readonly ToolName[]> = {
  detections: ["select", "box", "brush", "eraser", "pan"],
  polylines: ["select", "polygon", "polyline", "pan"],
  keypoints: ["select", "keypoints", "pan"],
};

/** A label that a person changed: what a model was sure of no longer holds. */
export function byHand<L extends ShapeLabel>(label: L): L {
  const { confidence: _, ...rest } = label;
  return rest as L;
}

export const WORDS: Record<ShapeType, string> = {
  detections: "box",
  polylines: "line",
  keypoints: "keypoints",
};
