/** A hundred thousand points as pixels: written one by one, which takes milliseconds where the canvas's shapes take a second. */

import type { Cloud, Scale } from "./geometry";

export interface Look {
  /** Per point 0xRRGGBB. */
  colours: Uint32Array;
  /** Per point 1 where it is chosen; null: nothing was drawn, and all look alike. */
  chosen: Uint8Array | null;
  /** Pixels of the screen per pixel of the page. */
  ratio: number;
}

const FAINT = 90;
const FULL = 255;

/** Pixels around the middle of a dot, by their places. */
function dot(radius: number): [number, number][] {
  const reach = Math.ceil(radius);
  const found: [number, number][] = [];
  for (let dy = -reach; dy <= reach; dy += 1) {
    for (let dx = -reach; dx <= reach; dx += 1) {
      if (dx * dx + dy * dy <= radius * radius + 0.5) found.push([dx, dy]);
    }
  }
  return found;
}

/** Fewer points are drawn larger. */
export const radiusOf = (points: number): number => (points > 20_000 ? 1.2 : points > 4_000 ? 1.8 : 2.6);

/** 0xRRGGBB and an opacity as the four bytes of a pixel, in the order of a little-endian word. */
const word = (colour: number, alpha: number): number =>
  ((alpha << 24) | ((colour & 0xff) << 16) | (colour & 0xff00) | (colour >>> 16)) >>> 0;

/** The picture of a cloud. What is chosen lies above what is not. */
export function painted(
  { x, y }: Cloud,
  { scale, left, top }: Scale,
  width: number,
  height: number,
  look: Look,
): Uint32Array {
  const pixels = new Uint32Array(width * height);
  const shape = dot(radiusOf(x.length) * look.ratio);
  const draw = (isWanted: (index: number) => boolean, alpha: number) => {
    for (let index = 0; index < x.length; index += 1) {
      if (!isWanted(index)) continue;
      const px = Math.round((left + (x[index] ?? 0) * scale) * look.ratio);
      const py = Math.round((top - (y[index] ?? 0) * scale) * look.ratio);
      const colour = word(look.colours[index] ?? 0, alpha);
      for (const [dx, dy] of shape) {
        const [at, down] = [px + dx, py + dy];
        if (at >= 0 && at < width && down >= 0 && down < height) pixels[down * width + at] = colour;
      }
    }
  };
  const { chosen } = look;
  if (chosen) {
    draw((index) => chosen[index] === 0, FAINT);
    draw((index) => chosen[index] === 1, FULL);
  } else {
    draw(() => true, FULL);
  }
  return pixels;
}
