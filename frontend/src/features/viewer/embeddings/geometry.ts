/** Points, the lines drawn around them, and where both lie on the screen. */

import type { Loop } from "@/lib/filter";

export type Point = [number, number];

/** Points in columns. */
export interface Cloud {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
}

/** [least x, least y, greatest x, greatest y] */
export type Extent = [number, number, number, number];

/** From data to pixels: `left + x * scale`, and `top - y * scale`, for data grows upwards. */
export interface Scale {
  scale: number;
  left: number;
  top: number;
}

const MARGIN = 18;
const MOST_CORNERS = 100;

/** What shows the whole extent in the middle, both axes alike. */
export function fitted([x0, y0, x1, y1]: Extent, width: number, height: number): Scale {
  const wide = Math.max(1, width - 2 * MARGIN);
  const tall = Math.max(1, height - 2 * MARGIN);
  const fits = [wide / (x1 - x0), tall / (y1 - y0)].filter(Number.isFinite);
  const scale = fits.length > 0 ? Math.min(...fits) : 1;
  return { scale, left: width / 2 - ((x0 + x1) / 2) * scale, top: height / 2 + ((y0 + y1) / 2) * scale };
}

/** Zooms by a factor and keeps what is under this pixel where it is. */
export const zoomedAt = ({ scale, left, top }: Scale, factor: number, [px, py]: Point): Scale => ({
  scale: scale * factor,
  left: px - (px - left) * factor,
  top: py - (py - top) * factor,
});

export const movedBy = ({ scale, left, top }: Scale, dx: number, dy: number): Scale => ({
  scale,
  left: left + dx,
  top: top + dy,
});

export const toData = ({ scale, left, top }: Scale, [px, py]: Point): Point => [
  (px - left) / scale,
  (top - py) / scale,
];

/** The four corners between two opposite ones. */
export const rectangle = ([ax, ay]: Point, [bx, by]: Point): Point[] => [
  [ax, ay],
  [bx, ay],
  [bx, by],
  [ax, by],
];

/** A drawn line with fewer corners, rounded to a tenth of a pixel: it stands in the address. */
export function simplified(line: readonly Point[], scale: Scale): Point[] {
  let apart = 3;
  let kept = thinned(line, apart);
  while (kept.length > MOST_CORNERS) {
    apart *= 1.5;
    kept = thinned(line, apart);
  }
  const digits = Math.min(12, Math.max(0, Math.ceil(Math.log10(scale.scale)) + 1));
  const rounded = (value: number) => Number(value.toFixed(digits));
  return kept.map((point) => {
    const [x, y] = toData(scale, point);
    return [rounded(x), rounded(y)];
  });
}

function thinned(line: readonly Point[], apart: number): Point[] {
  const kept: Point[] = [];
  for (const point of line) {
    const last = kept.at(-1);
    if (!last || Math.hypot(point[0] - last[0], point[1] - last[1]) >= apart) kept.push(point);
  }
  return kept;
}

/** Whether a point lies inside a polygon, by the even-odd rule; `samplecase/projection/polygons.py` says the same. */
export function isInside(x: number, y: number, corners: readonly Point[]): boolean {
  let inside = false;
  let before = corners.at(-1);
  for (const corner of corners) {
    if (!before) return false;
    const [x1, y1] = before;
    const [x2, y2] = corner;
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
    before = corner;
  }
  return inside;
}

/** Which points the loops leave chosen, one after the other: 1, else 0. */
export function chosenBy({ x, y }: Cloud, loops: readonly Loop[]): Uint8Array {
  const chosen = new Uint8Array(x.length);
  for (const loop of loops) {
    const adds = "add" in loop;
    const corners = adds ? loop.add : loop.subtract;
    for (let index = 0; index < chosen.length; index += 1) {
      if (chosen[index] !== Number(adds) && isInside(x[index] ?? 0, y[index] ?? 0, corners)) {
        chosen[index] = Number(adds);
      }
    }
  }
  return chosen;
}

/** The point nearest to this pixel, no farther than `reach` pixels; -1: none. */
export function pointAt({ x, y }: Cloud, scale: Scale, pixel: Point, reach: number): number {
  const [at, up] = toData(scale, pixel);
  let least = (reach / scale.scale) ** 2;
  let found = -1;
  for (let index = 0; index < x.length; index += 1) {
    const distance = ((x[index] ?? 0) - at) ** 2 + ((y[index] ?? 0) - up) ** 2;
    if (distance <= least) {
      least = distance;
      found = index;
    }
  }
  return found;
}
