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

/** What is known of the labels of a field. */
export interface Coloured {
  /** Chosen by people. */
  colors: Record<string, string>;
  classes?: readonly string[];
}

const WITHOUT: Coloured = { colors: {} };

/** A label's colour: what the field says, else one that no other class of the field has, else the name's own. */
export function labelColour(label: string, field: Coloured = WITHOUT): string {
  return field.colors[label] ?? tableOf(field).get(label) ?? colourOf(label);
}

/** Colours between those of the palette, for fields of many classes: halves of the way, quarters, and so on. */
const STEPS = [0, 0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875];

function between(place: number, share: number): string {
  const [one, next] = [PALETTE[place] ?? PALETTE[0], PALETTE[(place + 1) % PALETTE.length] ?? PALETTE[0]];
  const mixed = [1, 3, 5].map((at) => {
    const [from, to] = [one, next].map((hex) => Number.parseInt(hex.slice(at, at + 2), 16)) as [
      number,
      number,
    ];
    return Math.round(from + (to - from) * share);
  });
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

const tables = new WeakMap<readonly string[], { colors: Coloured["colors"]; table: Map<string, string> }>();

/**
 * The colours of a field's classes, no two the same. In the classes' order each takes its name's own colour, if none
 * before it has that, so that a class keeps its colour when others come after it, and mostly in all fields.
 */
function tableOf({ colors, classes = [] }: Coloured): Map<string, string> {
  const known = tables.get(classes);
  if (known?.colors === colors) return known.table;
  const taken = new Set(classes.flatMap((name) => colors[name]?.toLowerCase() ?? []));
  const table = new Map<string, string>();
  for (const name of classes) {
    if (colors[name]) continue;
    const colour = firstFree(colourOf(name), taken);
    taken.add(colour);
    table.set(name, colour);
  }
  tables.set(classes, { colors, table });
  return table;
}

function firstFree(own: string, taken: ReadonlySet<string>): string {
  const start = (PALETTE as readonly string[]).indexOf(own);
  for (const share of STEPS) {
    for (let step = 0; step < PALETTE.length; step += 1) {
      const colour = between((start + step * STRIDE) % PALETTE.length, share);
      if (!taken.has(colour)) return colour;
    }
  }
  return own;
}

/** What gives a label on a picture its colour; the label itself where nothing is said. */
export type ColourBy = "label" | "field";

/** The colour of a field's label on a picture, in a chart or in a list: one answer for all of them. */
export function colourIn(field: Coloured & { name: string }, label: string, by: ColourBy): string {
  return by === "field" ? colourOf(field.name) : labelColour(label, field);
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
