/** Single conditions of a filter, as the panel's controls read and write them: ranges, days, presence, text, comparisons. */

import { besides, type Comparison, conjunction, type Filter, isComparison, isLeaf, terms } from "./filter";

export interface Range {
  min?: number;
  max?: number;
}

export function rangeOf(filter: Filter | undefined, path: string): Range {
  const range: Range = {};
  for (const term of terms(filter)) {
    if (!isLeaf(term) || term.field !== path || typeof term.value !== "number") continue;
    if (term.op === "ge") range.min = term.value;
    if (term.op === "le") range.max = term.value;
  }
  return range;
}

export function withRange(filter: Filter | undefined, path: string, range: Range): Filter | undefined {
  const rest = besides(filter, path, ["ge", "le"]);
  if (range.min !== undefined) rest.push({ field: path, op: "ge", value: range.min });
  if (range.max !== undefined) rest.push({ field: path, op: "le", value: range.max });
  return conjunction(rest);
}

export interface Days {
  from?: string;
  to?: string;
}

const MIDNIGHT = /T00:00:00Z$/;
const LAST_MOMENT = /T23:59:59\.999999Z$/;

/** The days (UTC, "2026-01-31") between which a moment lies, both of them included. */
export function daysOf(filter: Filter | undefined, path: string): Days {
  const days: Days = {};
  for (const term of terms(filter)) {
    if (!isLeaf(term) || term.field !== path || typeof term.value !== "string") continue;
    if (term.op === "ge") days.from = term.value.replace(MIDNIGHT, "");
    if (term.op === "le") days.to = term.value.replace(LAST_MOMENT, "");
  }
  return days;
}

export function withDays(filter: Filter | undefined, path: string, { from, to }: Days): Filter | undefined {
  const rest = besides(filter, path, ["ge", "le"]);
  if (from) rest.push({ field: path, op: "ge", value: `${from}T00:00:00Z` });
  if (to) rest.push({ field: path, op: "le", value: `${to}T23:59:59.999999Z` });
  return conjunction(rest);
}

/** Whether the field has to hold a value (true), must not (false), or may (undefined). */
export function presenceOf(filter: Filter | undefined, path: string): boolean | undefined {
  const found = terms(filter).find((term) => isLeaf(term) && term.field === path && term.op === "exists");
  return found && isLeaf(found) ? found.value !== false : undefined;
}

export function withPresence(filter: Filter | undefined, path: string, there?: boolean): Filter | undefined {
  const rest = besides(filter, path, ["exists"]);
  if (there !== undefined) rest.push({ field: path, op: "exists", value: there });
  return conjunction(rest);
}

export function textOf(filter: Filter | undefined, path: string): string {
  const found = terms(filter).find((term) => isLeaf(term) && term.field === path && term.op === "contains");
  return found && isLeaf(found) && typeof found.value === "string" ? found.value : "";
}

export function withText(filter: Filter | undefined, path: string, text: string): Filter | undefined {
  const rest = besides(filter, path, ["contains"]);
  return conjunction(text ? [...rest, { field: path, op: "contains", value: text }] : rest);
}

/** The first comparison of two fields among the terms. */
export const comparisonOf = (filter: Filter | undefined): Comparison | undefined =>
  terms(filter).find(isComparison);

export function withComparison(filter: Filter | undefined, comparison?: Comparison): Filter | undefined {
  const rest = terms(filter).filter((term) => !isComparison(term));
  return conjunction(comparison ? [...rest, comparison] : rest);
}
