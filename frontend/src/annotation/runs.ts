/** A class for each pixel of a picture as the API takes it: runs of one class each, row after row from the top left. */

export interface Runs {
  size: readonly [height: number, width: number];
  /** Class and length in turn, divided by spaces. */
  runs: string;
}

export const isRuns = (value: unknown): value is Runs =>
  typeof value === "object" && value !== null && typeof (value as Partial<Runs>).runs === "string";

/** Calls `each` with every class and length. Read digit by digit: a list of a million texts takes too long. */
function walk(runs: string, each: (number: number, length: number) => void): void {
  let first = -1;
  let value = 0;
  for (let at = 0; at <= runs.length; at += 1) {
    const digit = runs.charCodeAt(at) - 48;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else {
      if (first < 0) first = value;
      else {
        each(first, value);
        first = -1;
      }
      value = 0;
    }
  }
}

/** The class of every pixel. */
export function decoded({ size, runs }: Runs): Uint16Array {
  const pixels = new Uint16Array(size[0] * size[1]);
  let at = 0;
  walk(runs, (number, length) => {
    if (number !== 0) pixels.fill(number, at, at + length);
    at += length;
  });
  return pixels;
}

export function encoded(pixels: ArrayLike<number>, size: Runs["size"]): Runs {
  const said: string[] = [];
  let start = 0;
  for (let at = 1; at <= pixels.length; at += 1) {
    if (at < pixels.length && pixels[at] === pixels[start]) continue;
    said.push(`${pixels[start]} ${at - start}`);
    start = at;
  }
  return { size, runs: said.join(" ") };
}

/** How many pixels each class has. */
export function amounts({ runs }: Runs): Map<number, number> {
  const found = new Map<number, number>();
  walk(runs, (number, length) => found.set(number, (found.get(number) ?? 0) + length));
  return found;
}

/** The same in another size, each pixel that of the nearest: between class 3 and 5 lies no 4. */
export function resized(pixels: Uint16Array, from: Runs["size"], to: Runs["size"]): Uint16Array {
  if (from[0] === to[0] && from[1] === to[1]) return pixels;
  const made = new Uint16Array(to[0] * to[1]);
  for (let y = 0; y < to[0]; y += 1) {
    const row = Math.floor(((y + 0.5) * from[0]) / to[0]) * from[1];
    for (let x = 0; x < to[1]; x += 1) {
      made[y * to[1] + x] = pixels[row + Math.floor(((x + 0.5) * from[1]) / to[1])] ?? 0;
    }
  }
  return made;
}
