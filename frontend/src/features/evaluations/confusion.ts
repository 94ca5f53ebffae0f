/** A confusion matrix as it is shown: which classes, how strong each cell is, and the samples behind it. */

import type { Confusion } from "@/api/types";
import type { Filter } from "@/lib/filter";

export const MOST_CLASSES = 40;

export type ClassName = string | null;

export interface Shown {
  classes: ClassName[];
  matrix: number[][];
  /** Classes that are left out: the least frequent ones. */
  left: number;
}

/** A class, or what stands for none of them. */
export const nameOf = (label: ClassName): string => label ?? "none";

/** The classes with the most in their rows and columns, in their order; "none" stays. */
export function readable({ classes, matrix }: Confusion, most = MOST_CLASSES): Shown {
  const size = (place: number) =>
    (matrix[place] ?? []).reduce((sum, cell) => sum + cell, 0) +
    matrix.reduce((sum, row) => sum + (row[place] ?? 0), 0);
  const places = classes.map((_, place) => place);
  const kept = new Set(
    places
      .filter((place) => classes[place] !== null)
      .sort((a, b) => size(b) - size(a))
      .slice(0, most),
  );
  const chosen = places.filter((place) => classes[place] === null || kept.has(place));
  return {
    classes: chosen.map((place) => classes[place] ?? null),
    matrix: chosen.map((row) => chosen.map((column) => matrix[row]?.[column] ?? 0)),
    left: classes.length - chosen.length,
  };
}

/** How strong each cell is, 0 to 1: its share of its row; faint ones are lifted so that single errors show. */
export function strengths(matrix: number[][]): number[][] {
  return matrix.map((row) => {
    const sum = row.reduce((total, cell) => total + cell, 0);
    return row.map((cell) => (sum > 0 && cell > 0 ? 0.12 + 0.88 * Math.sqrt(cell / sum) : 0));
  });
}

/** The filter that shows the samples of a cell in the grid. */
export function cellFilter(evaluation: number, actual: ClassName, predicted: ClassName): Filter {
  return { evaluation, actual, predicted };
}

/** The filter that shows the samples with a verdict: right, predicted in vain, or not found. */
export function verdictFilter(evaluation: number, is: "tp" | "fp" | "fn"): Filter {
  return { evaluation, is };
}

/** "cat taken for dog", "cat right", "cat missed", "dog made up". */
export function cellWords(actual: ClassName, predicted: ClassName): string {
  if (actual === predicted) return `${nameOf(actual)} right`;
  if (predicted === null) return `${nameOf(actual)} missed`;
  if (actual === null) return `${nameOf(predicted)} made up`;
  return `${actual} taken for ${predicted}`;
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** A number that fits into a cell: 1234 → "1.2K". */
export const cellCount = (value: number): string => (value < 10_000 ? String(value) : compact.format(value));

/** The next cell with something in it, from a place into a direction; null at the edge. */
export function neighbour(matrix: number[][], at: [number, number], key: string): [number, number] | null {
  const [down, right] =
    { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key] ?? [];
  if (down === undefined || right === undefined) return null;
  let [row, column] = [at[0] + down, at[1] + right];
  while (matrix[row]?.[column] !== undefined) {
    if ((matrix[row]?.[column] ?? 0) > 0) return [row, column];
    row += down;
    column += right;
  }
  return null;
}
