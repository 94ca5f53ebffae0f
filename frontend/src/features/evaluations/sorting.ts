/** The table of classes: its columns and their order. */

import type { ClassScore } from "@/api/types";

export type Column = "label" | "support" | "precision" | "recall" | "f1" | "iou" | "ap" | "ap_50";

const EVERY: [Column, string][] = [
  ["label", "Class"],
  ["support", "Support"],
  ["precision", "Precision"],
  ["recall", "Recall"],
  ["f1", "F1"],
  ["iou", "IoU"],
  ["ap", "AP"],
  ["ap_50", "AP at 0.50"],
];

/** Columns of which some class has a value. */
export const columnsOf = (rows: ClassScore[]): [Column, string][] =>
  EVERY.filter(([column]) => rows.some((row) => row[column] !== undefined));

/** "-f1" → the F1 column, greatest first; what is no column sorts nothing. */
export function order(sort: string | undefined): { column: Column; down: boolean } | null {
  const name = sort?.replace(/^-/, "");
  const found = EVERY.find(([column]) => column === name);
  return found ? { column: found[0], down: sort?.startsWith("-") ?? false } : null;
}

export function sorted(rows: ClassScore[], sort: string | undefined): ClassScore[] {
  const by = order(sort);
  if (!by) return rows;
  const sign = by.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [a[by.column] ?? -1, b[by.column] ?? -1];
    if (typeof x === "string" || typeof y === "string")
      return sign * String(x).localeCompare(String(y), "en", { numeric: true });
    return sign * (x - y);
  });
}

/** What a click on a column's head makes of the order: the worst first, then the best, then as it came. */
export function toggled(sort: string | undefined, column: Column): string | undefined {
  if (sort === column) return `-${column}`;
  return sort === `-${column}` ? undefined : column;
}
