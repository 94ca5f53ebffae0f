/** Colours for the numbers of a mask: a class each, or the warmth of a heat map. */

export interface Look {
  isHeat: boolean;
  /** "#rrggbb" of each class number. */
  colourOf: (index: number) => string;
  /** 0..1: of what is painted, or of what is warmest. */
  opacity: number;
}

const HEAT = "#e63c1e";

const channels = (colour: string): readonly number[] =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));

/** One pixel as the canvas keeps it, whatever the order of its bytes. */
function ink(value: number, { isHeat, colourOf, opacity }: Look): number {
  const strength = isHeat ? value : value === 0 ? 0 : 255;
  const bytes = Uint8ClampedArray.of(...channels(isHeat ? HEAT : colourOf(value)), strength * opacity);
  return new Uint32Array(bytes.buffer)[0] ?? 0;
}

/**
 * Writes RGBA pixels for `values`, of which every `stride`-th counts; they may be the red ones of the pixels themselves.
 * In a segmentation 0 is the background; a heat map is as opaque as it is warm.
 */
export function tinted(values: ArrayLike<number>, pixels: Uint8ClampedArray, look: Look, stride = 1): void {
  const written = new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4);
  const inks: number[] = [];
  for (let at = 0; at < written.length; at += 1) {
    const value = values[at * stride] ?? 0;
    let colour = inks[value];
    if (colour === undefined) {
      colour = ink(value, look);
      inks[value] = colour;
    }
    written[at] = colour;
  }
}
