/** The colour of each point: its label's own, by the one table of colours. */

import type { Field, Points } from "@/api/types";
import { labelColour } from "@/lib/colours";

const PLAIN = 0x1e8486;
const NONE = 0x8b94a2;

const parsed = (colour: string): number => Number.parseInt(colour.slice(1), 16);

/** Types whose labels can colour points. */
export const canColour = ({ type }: Field): boolean =>
  ["classification", "classifications", "detections", "polylines", "keypoints", "string", "boolean"].includes(
    type,
  );

export const classColour = (label: string, field: Field | undefined): string => labelColour(label, field);

export function coloursOf(points: Points, field: Field | undefined): Uint32Array {
  const colours = new Uint32Array(points.samples.length).fill(field ? NONE : PLAIN);
  const ofClass = points.classes.map((label) => parsed(classColour(label, field)));
  points.labels.forEach((place, index) => {
    if (place !== null) colours[index] = ofClass[place] ?? NONE;
  });
  return colours;
}

/** How many points each label has, the most frequent first, and how many have none. */
export function legendOf(points: Points): { labels: [string, number][]; none: number } {
  const times = new Array<number>(points.classes.length).fill(0);
  let none = 0;
  for (const place of points.labels) {
    if (place === null) none += 1;
    else times[place] = (times[place] ?? 0) + 1;
  }
  return { labels: points.classes.map((label, index) => [label, times[index] ?? 0]), none };
}
