/** Where shapes are, what a pointer hits, and what becomes of them when they are moved and resized. */

import { type BoxLabel, clamp, clampPoint, isBox, isPolyline, type Point, type ShapeLabel } from "./shapes";

export interface Bounds {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** How far a pointer may miss, in shares of the picture's width and height. */
export type Tolerance = readonly [x: number, y: number];

/** A point that can be dragged: a box's corner or side, a vertex, or a keypoint. */
export type Handle =
  | { kind: "side"; x: -1 | 0 | 1; y: -1 | 0 | 1; at: Point }
  | { kind: "vertex"; line: number; index: number; at: Point };

export function pointsOf(label: ShapeLabel): Point[] {
  if (isBox(label)) {
    const [x, y, width, height] = label.bounding_box;
    return [
      [x, y],
      [x + width, y + height],
    ];
  }
  return (isPolyline(label) ? label.points.flat() : label.points).filter((point) => point !== null);
}

export function boundsOf(labels: readonly ShapeLabel[]): Bounds | null {
  let bounds: Bounds | null = null;
  for (const label of labels) {
    for (const [x, y] of pointsOf(label)) {
      if (!bounds) bounds = { left: x, top: y, right: x, bottom: y };
      bounds.left = Math.min(bounds.left, x);
      bounds.top = Math.min(bounds.top, y);
      bounds.right = Math.max(bounds.right, x);
      bounds.bottom = Math.max(bounds.bottom, y);
    }
  }
  return bounds;
}

/** The box between two corners, in whatever order, inside the picture. */
export function boxBetween(one: Point, other: Point): BoxLabel["bounding_box"] {
  const [a, b] = [clampPoint(one), clampPoint(other)];
  const [x, y] = [Math.min(a[0], b[0]), Math.min(a[1], b[1])];
  return [x, y, Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1])];
}

/** Distance to the segment in units of the tolerance: at most 1 is a hit. */
function reach([px, py]: Point, [ax, ay]: Point, [bx, by]: Point, [tx, ty]: Tolerance): number {
  const [x, y, dx, dy] = [(px - ax) / tx, (py - ay) / ty, (bx - ax) / tx, (by - ay) / ty];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : clamp((x * dx + y * dy) / length);
  return Math.hypot(x - share * dx, y - share * dy);
}

function insideOf([x, y]: Point, ring: readonly Point[]): boolean {
  let inside = false;
  ring.forEach(([ax, ay], index) => {
    const [bx, by] = ring[(index + 1) % ring.length] ?? [ax, ay];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}

function hits(label: ShapeLabel, point: Point, tolerance: Tolerance): boolean {
  if (isBox(label)) {
    const [x, y, width, height] = label.bounding_box;
    const [tx, ty] = tolerance;
    return (
      point[0] >= x - tx && point[0] <= x + width + tx && point[1] >= y - ty && point[1] <= y + height + ty
    );
  }
  if (!isPolyline(label))
    return label.points.some((each) => each && reach(point, each, each, tolerance) <= 1.5);
  return label.points.some(
    (line) =>
      (label.closed && label.filled && insideOf(point, line)) ||
      line.some((from, index) => {
        const to = line[index + 1] ?? (label.closed ? line[0] : undefined);
        return to !== undefined && reach(point, from, to, tolerance) <= 1;
      }),
  );
}

function areaOf(label: ShapeLabel): number {
  const bounds = boundsOf([label]);
  return bounds ? (bounds.right - bounds.left) * (bounds.bottom - bounds.top) : 0;
}

/** What lies under the pointer: of several, the smallest, for the larger ones can be had beside it. */
export function labelAt(
  labels: readonly ShapeLabel[],
  point: Point,
  tolerance: Tolerance,
): ShapeLabel | null {
  let found: ShapeLabel | null = null;
  for (const label of labels) {
    if (hits(label, point, tolerance) && (!found || areaOf(label) <= areaOf(found))) found = label;
  }
  return found;
}

const SIDES = [-1, 0, 1] as const;

export function handlesOf(label: ShapeLabel): Handle[] {
  if (isBox(label)) {
    // The pixels of a mask are painted; its box follows them.
    if (label.mask) return [];
    const [left, top, width, height] = label.bounding_box;
    return SIDES.flatMap((y) =>
      SIDES.filter((x) => x !== 0 || y !== 0).map((x): Handle => {
        const at: Point = [left + (width * (x + 1)) / 2, top + (height * (y + 1)) / 2];
        return { kind: "side", x, y, at };
      }),
    );
  }
  const lines: readonly (readonly (Point | null)[])[] = isPolyline(label) ? label.points : [label.points];
  return lines.flatMap((points, line) =>
    points.flatMap((at, index): Handle[] => (at ? [{ kind: "vertex", line, index, at }] : [])),
  );
}

export function handleAt(label: ShapeLabel, point: Point, tolerance: Tolerance): Handle | null {
  const reached = handlesOf(label).map((handle) => ({
    handle,
    far: reach(point, handle.at, handle.at, tolerance),
  }));
  const [nearest] = reached.sort((a, b) => a.far - b.far);
  return nearest && nearest.far <= 1.3 ? nearest.handle : null;
}

/** The shape with this handle at another point. */
export function resized(label: ShapeLabel, handle: Handle, to: Point): ShapeLabel {
  const at = clampPoint(to);
  if (isBox(label)) {
    if (handle.kind !== "side") return label;
    const [x, y, width, height] = label.bounding_box;
    const across: Point = handle.x < 0 ? [at[0], x + width] : handle.x > 0 ? [x, at[0]] : [x, x + width];
    const down: Point = handle.y < 0 ? [at[1], y + height] : handle.y > 0 ? [y, at[1]] : [y, y + height];
    return { ...label, bounding_box: boxBetween([across[0], down[0]], [across[1], down[1]]) };
  }
  if (handle.kind !== "vertex") return label;
  if (isPolyline(label)) {
    const points = label.points.map((line, number) =>
      number === handle.line ? line.map((each, index) => (index === handle.index ? at : each)) : line,
    );
    return { ...label, points };
  }
  return { ...label, points: label.points.map((each, index) => (index === handle.index ? at : each)) };
}

/** The shape moved by this much, or as far as the picture goes. */
export function moved(label: ShapeLabel, by: Point): ShapeLabel {
  const bounds = boundsOf([label]);
  // The pixels of a mask stay where they were painted.
  if (!bounds || (isBox(label) && label.mask)) return label;
  const dx = Math.min(1 - bounds.right, Math.max(-bounds.left, by[0]));
  const dy = Math.min(1 - bounds.bottom, Math.max(-bounds.top, by[1]));
  const shift = ([x, y]: Point): Point => clampPoint([x + dx, y + dy]);
  if (isBox(label)) {
    const [x, y, width, height] = label.bounding_box;
    const [left, top] = shift([x, y]);
    return { ...label, bounding_box: [left, top, width, height] };
  }
  if (isPolyline(label)) return { ...label, points: label.points.map((line) => line.map(shift)) };
  return { ...label, points: label.points.map((point) => point && shift(point)) };
}
