/** What is painted into a picture's pixels, row after row: strokes, polygons, regions. Each tells where it painted. */

import { clampPoint, type Point } from "./shapes";

/** A sheet of numbers, one for each pixel: inside or not, or the number of a class. */
export interface Sheet {
  pixels: Uint8Array | Uint16Array;
  width: number;
  height: number;
}

/** Whole pixels, `right` and `bottom` not included. */
export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A stamp this small still meets the middle of the pixel it is on. */
const LEAST_REACH = 0.71;

/** Every pixel whose middle is at most `radius` from the stroke, whose points are in shares of the picture. */
export function paint(sheet: Sheet, stroke: readonly Point[], radius: number, ink: number): Area {
  const { width, height } = sheet;
  const spots = stroke.map(clampPoint).map(([x, y]): Point => [x * width, y * height]);
  const reach = Math.max(LEAST_REACH, radius);
  spots.forEach((to, index) => {
    const from = spots[index - 1] ?? to;
    const far = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const steps = Math.max(1, Math.ceil(far / Math.max(1, radius / 2)));
    for (let step = 1; step <= steps; step += 1) {
      const share = step / steps;
      stamp(sheet, from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share, reach, ink);
    }
  });
  return areaAround(sheet, spots, reach + 1);
}

function stamp({ pixels, width, height }: Sheet, cx: number, cy: number, reach: number, ink: number): void {
  const [top, bottom] = [Math.max(0, Math.floor(cy - reach)), Math.min(height - 1, Math.ceil(cy + reach))];
  for (let y = top; y <= bottom; y += 1) {
    const half = Math.sqrt(Math.max(0, reach * reach - (y + 0.5 - cy) ** 2));
    const left = Math.max(0, Math.ceil(cx - half - 0.5));
    const right = Math.min(width - 1, Math.floor(cx + half - 0.5));
    if (right >= left && half > 0) pixels.fill(ink, y * width + left, y * width + right + 1);
  }
}

/** Every pixel whose middle lies in the polygon (even-odd), whose corners are in shares of the picture. */
export function paintPolygon(sheet: Sheet, corners: readonly Point[], ink: number): Area {
  const { pixels, width, height } = sheet;
  const spots = corners.map(([x, y]): Point => [x * width, y * height]);
  const area = areaAround(sheet, spots, 1);
  for (let y = area.top; y < area.bottom; y += 1) {
    const crossings = crossingsAt(spots, y + 0.5);
    for (let index = 0; index + 1 < crossings.length; index += 2) {
      const left = Math.max(0, Math.ceil((crossings[index] ?? 0) - 0.5));
      const right = Math.min(width, Math.ceil((crossings[index + 1] ?? 0) - 0.5));
      if (right > left) pixels.fill(ink, y * width + left, y * width + right);
    }
  }
  return area;
}

/** Where the polygon's sides cross a horizontal line, from left to right. */
function crossingsAt(spots: readonly Point[], y: number): number[] {
  const found: number[] = [];
  spots.forEach(([bx, by], index) => {
    const [ax, ay] = spots.at(index - 1) ?? [bx, by];
    if (ay > y !== by > y) found.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
  });
  return found.sort((a, b) => a - b);
}

/** The pixels of one number that hang together with the one at this point, side by side. */
export function flood(sheet: Sheet, [x, y]: Point, ink: number): Area {
  const { pixels, width, height } = sheet;
  const start =
    Math.min(height - 1, Math.max(0, Math.floor(y * height))) * width +
    Math.min(width - 1, Math.max(0, Math.floor(x * width)));
  const old = pixels[start] ?? 0;
  const area: Area = { left: width, top: height, right: 0, bottom: 0 };
  const waiting = old === ink ? [] : [start];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (pixels[at] !== old) continue;
    const row = Math.floor(at / width);
    let [left, right] = [at, at + 1];
    while (left > row * width && pixels[left - 1] === old) left -= 1;
    while (right < (row + 1) * width && pixels[right] === old) right += 1;
    pixels.fill(ink, left, right);
    grow(area, { left: left - row * width, top: row, right: right - row * width, bottom: row + 1 });
    for (const by of [-width, width]) seed(pixels, old, left + by, right + by, waiting);
  }
  return area.right > 0 ? area : { left: 0, top: 0, right: 0, bottom: 0 };
}

/** One place of each stretch between `from` and `to` that is still to be flooded. */
function seed(pixels: Sheet["pixels"], old: number, from: number, to: number, waiting: number[]): void {
  for (let at = from; at < to; at += 1) {
    if (pixels[at] === old && (at === from || pixels[at - 1] !== old)) waiting.push(at);
  }
}

export const whole = ({ width, height }: Pick<Sheet, "width" | "height">): Area => ({
  left: 0,
  top: 0,
  right: width,
  bottom: height,
});

export function union(one: Area | null, other: Area): Area {
  if (!one) return other;
  const both = { ...one };
  grow(both, other);
  return both;
}

function grow(area: Area, by: Area): void {
  area.left = Math.min(area.left, by.left);
  area.top = Math.min(area.top, by.top);
  area.right = Math.max(area.right, by.right);
  area.bottom = Math.max(area.bottom, by.bottom);
}

function areaAround({ width, height }: Sheet, spots: readonly Point[], reach: number): Area {
  const [xs, ys] = [spots.map(([x]) => x), spots.map(([, y]) => y)];
  return {
    left: Math.max(0, Math.floor(Math.min(...xs) - reach)),
    top: Math.max(0, Math.floor(Math.min(...ys) - reach)),
    right: Math.min(width, Math.ceil(Math.max(...xs) + reach)),
    bottom: Math.min(height, Math.ceil(Math.max(...ys) + reach)),
  };
}
