/** Colours for the grey values of a mask: a class each, or the warmth of a heat map. */

const ALPHA = 120;

const channels = (colour: string): readonly [number, number, number] => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return [red, green, blue];
};

/** Changes RGBA pixels in place. In a segmentation 0 is the background; a heat map is as opaque as it is warm. */
export function tinted(
  pixels: Uint8ClampedArray,
  kind: "segmentation" | "heatmap",
  colours: readonly string[],
): void {
  const inks = colours.map(channels);
  for (let at = 0; at < pixels.length; at += 4) {
    const value = pixels[at] ?? 0;
    const ink = (kind === "heatmap" ? inks[0] : inks[value]) ?? [0, 0, 0];
    pixels[at] = ink[0];
    pixels[at + 1] = ink[1];
    pixels[at + 2] = ink[2];
    pixels[at + 3] = kind === "heatmap" ? Math.round(value * 0.75) : value === 0 ? 0 : ALPHA;
  }
}
