/** Rows of pictures that fill the width and keep every picture's shape. */

import type { Sample } from "@/api/types";

export interface Row {
  samples: { sample: Sample; width: number }[];
  height: number;
}

const GAP = 6;
const LAST_ROW_STRETCH = 1;
const STRETCH = 1.5;

/** A row's wished height in pixels at each step of the zoom slider (0..10). */
export const rowHeight = (zoom: number): number => Math.round(72 * 1.17 ** zoom);

const SIZES = [128, 256, 512, 1024];

/** The thumbnail's size that the server takes when it is told none. */
export const DEFAULT_SIZE = 256;

/** The smallest thumbnail (by its longer side, of those there are) that is not enlarged at this height of rows. */
export function thumbnailSize(height: number, ratio: number): number {
  const wanted = height * ratio;
  // A row's pictures may be wider than high, and a step more is seen less than blur.
  return SIZES.find((size) => size >= wanted) ?? 1024;
}

/** Width by height, within bounds, so that a panorama or a ribbon does not swallow its row. */
export function aspect({ width, height }: Pick<Sample, "width" | "height">): number {
  return Math.min(4, Math.max(0.3, width > 0 && height > 0 ? width / height : 1));
}

function row(samples: Sample[], width: number, wished: number, most: number): Row {
  const aspects = samples.reduce((sum, sample) => sum + aspect(sample), 0);
  const height = Math.min((width - GAP * (samples.length - 1)) / aspects, wished * most);
  return { height, samples: samples.map((sample) => ({ sample, width: height * aspect(sample) })) };
}

/** Fills rows from left to right; the last one, not full, keeps the wished height. */
export function rowsOf(samples: Sample[], width: number, wished: number): Row[] {
  const rows: Row[] = [];
  let open: Sample[] = [];
  let filled = 0;
  for (const sample of samples) {
    open.push(sample);
    filled += aspect(sample) * wished + GAP;
    if (filled - GAP >= width) {
      rows.push(row(open, width, wished, STRETCH));
      open = [];
      filled = 0;
    }
  }
  if (open.length > 0) rows.push(row(open, width, wished, LAST_ROW_STRETCH));
  return rows;
}

/** The same as `rowsOf`, but rows that were full before and still hold the same samples are taken over. */
export function moreRows(before: Row[], samples: Sample[], width: number, wished: number): Row[] {
  let kept = 0;
  let place = 0;
  // The last one was not full, or may not have been.
  for (const { samples: tiles } of before.slice(0, -1)) {
    const start = place;
    if (!tiles.every(({ sample }, index) => samples[start + index] === sample)) break;
    place += tiles.length;
    kept += 1;
  }
  return [...before.slice(0, kept), ...rowsOf(samples.slice(place), width, wished)];
}

export const gap = GAP;

/** Where a picture lies in a tile that is not of its shape: whole, in the middle. */
export function contained(
  { width, height }: Pick<Sample, "width" | "height">,
  tileWidth: number,
  tileHeight: number,
) {
  if (width <= 0 || height <= 0) return { x: 0, y: 0, width: tileWidth, height: tileHeight };
  const scale = Math.min(tileWidth / width, tileHeight / height);
  const [shownWidth, shownHeight] = [width * scale, height * scale];
  return {
    x: (tileWidth - shownWidth) / 2,
    y: (tileHeight - shownHeight) / 2,
    width: shownWidth,
    height: shownHeight,
  };
}
