/** What a new review is about, as far as the dataset's fields suggest it. */

import type { Field } from "@/api/types";
import { hasLabels } from "@/components/values/labels";
import type { Filter } from "@/lib/filter";
import { orderWords } from "./words";

type Known = Pick<Field, "name" | "type" | "created_by_job" | "value_count">;

const TRUTH = /truth|human|gold|reviewed|corrected/;
const LONGEST = 63;

/** The fields whose labels can be reviewed. */
export const reviewable = <F extends Known>(fields: readonly F[]): F[] =>
  fields.filter(({ type, value_count }) => hasLabels(type) && value_count > 0);

/** What a model wrote, one class per sample first, the newest first. */
export function likelySource<F extends Known>(fields: readonly F[]): F | undefined {
  const rank = ({ name, type, created_by_job }: F) =>
    (created_by_job === null ? 4 : 0) + (TRUTH.test(name) ? 2 : 0) + (type === "classification" ? 0 : 1);
  const ordered = [...reviewable(fields)].sort(
    (a, b) => rank(a) - rank(b) || (b.created_by_job ?? 0) - (a.created_by_job ?? 0),
  );
  return ordered[0];
}

export const newTarget = (source: string): string => `${source.slice(0, LONGEST - 9)}_reviewed`;

/** The fields that a source's labels can be written to. */
export const targetsOf = <F extends Known>(source: F | undefined, fields: readonly F[]): F[] =>
  fields.filter(({ name, type }) => source && name !== source.name && type === source.type);

/** A field of people's labels in which some are missing, else one of its own. */
export function likelyTarget(source: Known | undefined, fields: readonly Known[], samples: number): string {
  if (!source) return "";
  const human = targetsOf(source, fields).find(
    ({ name, created_by_job, value_count }) =>
      TRUTH.test(name) && created_by_job === null && value_count < samples,
  );
  return human?.name ?? newTarget(source.name);
}

/** Orders that make sense for a source, each with its words. */
export function ordersOf(source: Known, fields: readonly Known[]): { value: string; label: string }[] {
  const others = source.type === "classification" ? targetsOf(source, fields) : [];
  const orders = [
    "confidence",
    ...others.map(({ name }) => `-compare:${name},${source.name}`),
    "-confidence",
    "name",
  ];
  return orders.map((value) => {
    const words = orderWords(value, source.name);
    return { value, label: words.charAt(0).toUpperCase() + words.slice(1) };
  });
}

/** The filter with the condition that nothing stands in a field yet. */
export function withoutValue(filter: Filter | undefined, field: string): Filter {
  const missing: Filter = { not: { field, op: "exists" } };
  if (!filter) return missing;
  return "and" in filter ? { and: [...filter.and, missing] } : { and: [filter, missing] };
}

/** "Review of cnn", "Review of cnn 2": a name that no other has. */
export function freeName(source: string, taken: readonly string[]): string {
  const name = `Review of ${source}`.slice(0, 90);
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? name : `${name} ${number}`;
    if (!taken.includes(tried)) return tried;
  }
}
