/** Shapes of several points, one press each: polygons, lines and keypoints. */

import { clampPoint, newId, type Point, type ShapeLabel } from "../shapes";
import type { Deed, Pointer, Scene, Tool } from "./tool";

type Kind = "polygon" | "polyline" | "keypoints";

const LEAST: Record<Kind, number> = { polygon: 3, polyline: 2, keypoints: 1 };

export class PathTool implements Tool {
  active: ShapeLabel | null = null;
  private points: Point[] = [];

  constructor(private readonly kind: Kind) {}

  press({ at, tolerance }: Pointer, scene: Scene): Deed | null {
    const [first, last] = [this.points[0], this.points.at(-1)];
    // The first point closes a polygon; the last one again, as a double click gives, ends any shape.
    if (
      first &&
      this.kind === "polygon" &&
      this.points.length >= LEAST.polygon &&
      isNear(at, first, tolerance)
    ) {
      return this.finish(scene);
    }
    if (last && isNear(at, last, tolerance)) return this.finish(scene);
    this.points.push(clampPoint(at));
    this.active = this.shape("", scene.label, this.points);
    return this.points.length === 1 ? { select: null } : null;
  }

  move({ at }: Pointer, { label }: Scene): void {
    if (this.points.length > 0) this.active = this.shape("", label, [...this.points, clampPoint(at)]);
  }

  release(): null {
    return null;
  }

  finish({ label }: Scene): Deed | null {
    if (this.points.length < LEAST[this.kind]) return null;
    const put = this.shape(newId(), label, this.points);
    this.cancel();
    return { put, what: `${this.kind} added` };
  }

  cancel(): boolean {
    const wasAtWork = this.points.length > 0;
    this.points = [];
    this.active = null;
    return wasAtWork;
  }

  private shape(id: string, label: string, points: readonly Point[]): ShapeLabel {
    const all = [...points];
    if (this.kind === "keypoints") return { id, label, points: all };
    const closed = this.kind === "polygon" && all.length >= LEAST.polygon;
    return { id, label, points: [all], closed, filled: closed };
  }
}

const isNear = (a: Point, b: Point, [tx, ty]: readonly [number, number]): boolean =>
  Math.hypot((a[0] - b[0]) / tx, (a[1] - b[1]) / ty) <= 1;
