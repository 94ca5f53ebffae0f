/** One colour per name, the same on every page, in every session and in both themes. */

// Twenty hues, strong and muted by turns, each at a lightness that carries white text (4.5:1) and
// stands off a dark surface (3:1); the test holds them to it.
export const PALETTE = [
  "#d03553",
  "#a15545",
  "#b65601",
  "#935f1a",
  "#8d6d09",
  "#736d11",
  "#617a08",
  "#43763b",
  "#048252",
  "#0a7866",
  "#0a7e7f",
  "#087587",
  "#0e7aa2",
  "#346ea4",
  "#4268e2",
  "#6763a7",
  "#8f52d1",
  "#8a5893",
  "#bc3e9d",
  "#9e526f",
] as const;

// Names that differ in their last character only ("3", "4"; "class_1", "class_2") get different, distant hues.
const STRIDE = 7;

export function colourOf(name: string): string {
  let hash = 0;
  for (let index = 0; index < name.length; index += 1) {
    hash = (Math.imul(hash, 31) + name.charCodeAt(index)) >>> 0;
  }
  return PALETTE[((hash % PALETTE.length) * STRIDE) % PALETTE.length] ?? PALETTE[0];
}

/** A label's colour: what the field says, else the name's own. */
export function labelColour(label: string, chosen: Record<string, string> = {}): string {
  return chosen[label] ?? colourOf(label);
}

/** What gives a label on a picture its colour; the label itself where nothing is said. */
export type ColourBy = "label" | "field";

/** The colour of a field's label on a picture, in a chart or in a list: one answer for all of them. */
export function colourIn(
  field: { name: string; colors: Record<string, string> },
  label: string,
  by: ColourBy,
): string {
  return by === "field" ? colourOf(field.name) : labelColour(label, field.colors);
}

const LINEAR_LIMIT = 0.04045;

/** Relative luminance of "#rrggbb" (WCAG 2.2). */
export function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= LINEAR_LIMIT ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** The ink that reads on a colour someone chose. */
export function inkOn(colour: string): "#fff" | "#11141a" {
  return contrast(colour, "#ffffff") >= 4 ? "#fff" : "#11141a";
}
