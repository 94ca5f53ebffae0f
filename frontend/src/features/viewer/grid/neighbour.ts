/** Which picture an arrow key leads to. */

import type { Row } from "./layout";

export interface Spot {
  row: number;
  sample: number;
}

const middles = ({ samples }: Row): number[] => {
  let edge = 0;
  return samples.map(({ width }) => {
    edge += width;
    return edge - width / 2;
  });
};

function nearest(row: Row, to: number): number {
  const distances = middles(row).map((middle) => Math.abs(middle - to));
  return distances.indexOf(Math.min(...distances));
}

function spot(rows: Row[], row: number, column: number): Spot | null {
  const sample = rows[row]?.samples[column]?.sample.id;
  return sample === undefined ? null : { row, sample };
}

const END = -1;

/** The place that the key leads to from this sample; null at an edge, or for a key that does not move. */
export function neighbour(rows: Row[], from: number, key: string): Spot | null {
  const row = rows.findIndex(({ samples }) => samples.some(({ sample }) => sample.id === from));
  const here = rows[row];
  if (!here) return null;
  const column = here.samples.findIndex(({ sample }) => sample.id === from);
  const lastOf = (index: number) => (rows[index]?.samples.length ?? 0) + END;
  const beside = (index: number) => {
    const other = rows[index];
    return other ? spot(rows, index, nearest(other, middles(here)[column] ?? 0)) : null;
  };
  switch (key) {
    case "ArrowRight":
      return spot(rows, row, column + 1) ?? spot(rows, row + 1, 0);
    case "ArrowLeft":
      return spot(rows, row, column - 1) ?? spot(rows, row - 1, lastOf(row - 1));
    case "ArrowDown":
      return beside(row + 1);
    case "ArrowUp":
      return beside(row - 1);
    case "Home":
      return spot(rows, 0, 0);
    case "End":
      return spot(rows, rows.length - 1, lastOf(rows.length - 1));
    default:
      return null;
  }
}
