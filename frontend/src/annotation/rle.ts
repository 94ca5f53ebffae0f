/** COCO's run lengths, as https://github.com/cocodataset/cocoapi (maskApi.c) reads and writes them. */

import type { Rle } from "./shapes";

/** The runs as numbers: how many pixels outside, inside, outside, … down each column, column after column. */
export function runsOf({ counts }: Rle): readonly number[] {
  if (typeof counts !== "string") return counts;
  const runs: number[] = [];
  let at = 0;
  while (at < counts.length) {
    let value = 0;
    let shift = 0;
    let more = true;
    while (more && at < counts.length) {
      const part = counts.charCodeAt(at) - 48;
      at += 1;
      value |= (part & 0x1f) << shift;
      shift += 5;
      more = (part & 0x20) !== 0;
      if (!more && part & 0x10) value |= -1 << shift;
    }
    // Each from the fourth on is written as its difference to the one before the last.
    runs.push(runs.length > 2 ? value + (runs[runs.length - 2] ?? 0) : value);
  }
  return runs;
}

/** One byte per pixel, row after row: 1 inside. */
export function pixelsOf(rle: Rle): Uint8Array {
  const [height, width] = rle.size;
  const pixels = new Uint8Array(width * height);
  let at = 0;
  runsOf(rle).forEach((run, index) => {
    if (index % 2 === 1) {
      for (let place = at; place < at + run; place += 1) {
        pixels[(place % height) * width + Math.floor(place / height)] = 1;
      }
    }
    at += run;
  });
  return pixels;
}

export function rleOf(pixels: Uint8Array, width: number, height: number): Rle {
  const counts: number[] = [];
  let inside = 0;
  let run = 0;
  for (let x = 0; x < width; x += 1) {
    for (let y = 0; y < height; y += 1) {
      const pixel = pixels[y * width + x] ? 1 : 0;
      if (pixel !== inside) {
        counts.push(run);
        run = 0;
        inside = pixel;
      }
      run += 1;
    }
  }
  counts.push(run);
  return { size: [height, width], counts };
}

/** The box around what is inside, in shares of the picture; null where nothing is. */
export function boundsOfPixels(
  pixels: Uint8Array,
  width: number,
  height: number,
): readonly [number, number, number, number] | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!pixels[y * width + x]) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  if (right < 0) return null;
  return [left / width, top / height, (right - left + 1) / width, (bottom - top + 1) / height];
}

/** Stretches [x, top, bottom) of pixels inside, column by column, for whoever draws them. */
export function* columnsOf(rle: Rle): Generator<readonly [x: number, top: number, bottom: number]> {
  const height = rle.size[0];
  let at = 0;
  let inside = false;
  for (const run of runsOf(rle)) {
    let left = run;
    let place = at;
    while (inside && left > 0) {
      const top = place % height;
      const length = Math.min(left, height - top);
      yield [Math.floor(place / height), top, top + length];
      place += length;
      left -= length;
    }
    at += run;
    inside = !inside;
  }
}
