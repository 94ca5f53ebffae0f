/** Which two fields are compared, and what can be asked of them. */

import type { Field, FieldType } from "@/api/types";
import { comparisonOf } from "@/lib/conditions";
import type { Verdict } from "@/lib/filter";
import type { ViewSearch } from "@/lib/view-search";

export type Pair = [first: string, second: string];
type Typed = Pick<Field, "name" | "type">;

const NUMBERS: FieldType[] = ["number", "integer", "regression"];
const OTHERS: FieldType[] = [
  "classification",
  "classifications",
  "detections",
  "polylines",
  "keypoints",
  "string",
  "boolean",
];

/** Fields of one kind can be compared with each other; null: with none. */
function kindOf({ type }: Typed): string | null {
  if (NUMBERS.includes(type)) return "number";
  return OTHERS.includes(type) ? type : null;
}

/** The fields that this one can be compared with. */
export const partners = (field: Typed, fields: Typed[]): Typed[] =>
  fields.filter((other) => other.name !== field.name && kindOf(field) && kindOf(other) === kindOf(field));

const TRUTH = /truth|human|gold|label/;

const named = (name: string, fields: Typed[]) => fields.find((field) => field.name === name);

/** The pair that the address names, that the filter is about, or else the one that suggests itself: the truth first. */
export function pairOf(search: ViewSearch, fields: Typed[]): Pair | null {
  const asked = search.compare ?? comparisonOf(search.filter)?.compare;
  const [one, other] = (asked ?? []).map((name) => named(name, fields));
  if (asked && one && other && partners(one, fields).includes(other)) return asked;
  // Fields of one label are what is compared most.
  const ordered = [...fields].sort((a, b) => rank(a) - rank(b));
  for (const first of ordered) {
    const [second] = partners(first, ordered);
    if (second) return [first.name, second.name];
  }
  return null;
}

const rank = ({ name, type }: Typed): number =>
  (type === "classification" ? 0 : 2) + (TRUTH.test(name) ? 0 : 1);

/** Whether both say one label of a sample: only then is there an order of how much they disagree. */
export const isOfLabels = (pair: Pair, fields: Typed[]): boolean =>
  pair.every((name) => named(name, fields)?.type === "classification");

export const verdictWords = ([first, second]: Pair): Record<Verdict, string> => ({
  agree: "Agree",
  disagree: "Disagree",
  only_first: `Only ${first}`,
  only_second: `Only ${second}`,
});
