/** The filter language of the API (contracts, section 3) and what the panel does to it. */

export type Scalar = string | number | boolean | null;

export type Op = "eq" | "ne" | "in" | "lt" | "le" | "gt" | "ge" | "exists" | "contains" | "startswith";

export interface Leaf {
  field: string;
  op: Op;
  value?: Scalar | Scalar[];
}

/** One label of a field satisfies all of these. */
export interface Match {
  match: string;
  where: Leaf[];
}

export const VERDICTS = ["agree", "disagree", "only_first", "only_second"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What two fields say of a sample. */
export interface Comparison {
  compare: [string, string];
  is: Verdict;
}

/** A cell of an evaluation's confusion matrix, null for nothing: missed, or made up; or what it judged so. */
export interface Cell {
  evaluation: number;
  actual?: string | null;
  predicted?: string | null;
  is?: "tp" | "fp" | "fn";
}

/** A line around points of a projection: what lies inside is added to what was chosen, or taken out of it. */
export type Loop = { add: [number, number][] } | { subtract: [number, number][] };

/** The samples whose points lie within what was drawn, loop after loop. */
export interface Within {
  projection: number;
  within: Loop[];
}

/** The samples of a review, or those of which this was decided. */
export interface Reviewed {
  review: number;
  is?: "accepted" | "rejected" | "corrected" | "open";
}

export type Filter =
  | Leaf
  | Match
  | Comparison
  | Cell
  | Within
  | Reviewed
  | { and: Filter[] }
  | { or: Filter[] }
  | { not: Filter };

export const isLeaf = (node: Filter): node is Leaf => "field" in node;
const isMatch = (node: Filter): node is Match => "match" in node;
export const isWithin = (node: Filter): node is Within => "projection" in node;
export const isComparison = (node: Filter): node is Comparison => "compare" in node;

const joined = (filter: Filter | undefined): Filter[] => {
  if (!filter) return [];
  return "and" in filter ? filter.and : [filter];
};

/** A `match` as the leaves it is made of: `{match: "p", where: [{field: "label", …}]}` → `{field: "p.label", …}`. */
function opened(term: Filter, _: number, all: Filter[]): Filter[] {
  if (!isMatch(term)) return [term];
  const isOnly = all.filter((other) => isMatch(other) && other.match === term.match).length === 1;
  if (!isOnly) return [term];
  const prefix = `${term.match}.`;
  return term.where.map((leaf) => ({ ...leaf, field: prefix + leaf.field.replace(prefix, "") }));
}

/** The panel keeps its conditions as one flat conjunction; anything else is left alone as one opaque term. */
export const terms = (filter: Filter | undefined): Filter[] => joined(filter).flatMap(opened);

const OF_ONE_LABEL = /^([^.]+)\.(label|confidence)$/;

/** The field whose single label a term speaks of, if it does. */
function labelledField(term: Filter): string | undefined {
  return isLeaf(term) && term.op !== "exists" ? OF_ONE_LABEL.exec(term.field)?.[1] : undefined;
}

/**
 * All of these terms. Several conditions on a field's labels have to hold for one and the same label: "a car with a confidence
 * over 0.8" is not "a car, and something with a confidence over 0.8".
 */
export function conjunction(parts: Filter[]): Filter | undefined {
  const grouped: Filter[] = [];
  for (const term of parts) {
    const field = labelledField(term);
    const together = field ? parts.filter((other) => labelledField(other) === field) : [];
    if (!field || together.length === 1) grouped.push(term);
    else if (together[0] === term) {
      const where = together
        .filter(isLeaf)
        .map((leaf) => ({ ...leaf, field: leaf.field.slice(field.length + 1) }));
      grouped.push({ match: field, where });
    }
  }
  if (grouped.length === 0) return undefined;
  return grouped.length === 1 ? grouped[0] : { and: grouped };
}

/** Whether a term is about this path ("predictions.label"), or about anything under it when `path` is a field. */
function isAbout(term: Filter, path: string): boolean {
  if (isMatch(term)) return term.match === path;
  return isLeaf(term) && (term.field === path || term.field.startsWith(`${path}.`));
}

export function without(filter: Filter | undefined, path: string): Filter | undefined {
  return conjunction(terms(filter).filter((term) => !isAbout(term, path)));
}

export function mentions(filter: Filter | undefined, path: string): boolean {
  return terms(filter).some((term) => isAbout(term, path));
}

/** The terms without one of them. */
export function withoutTerm(filter: Filter | undefined, gone: Filter): Filter | undefined {
  const key = JSON.stringify(gone);
  return conjunction(terms(filter).filter((term) => JSON.stringify(term) !== key));
}

/** The values picked for a path, whether written as `eq` or as `in`. */
export function picked(filter: Filter | undefined, path: string): Scalar[] {
  for (const term of terms(filter)) {
    if (!isLeaf(term) || term.field !== path) continue;
    if (term.op === "in" && Array.isArray(term.value)) return term.value;
    if (term.op === "eq" && term.value !== undefined && !Array.isArray(term.value)) return [term.value];
  }
  return [];
}

/** The terms but the leaves on this path with one of these operators. */
export const besides = (filter: Filter | undefined, path: string, ops: Op[]): Filter[] =>
  terms(filter).filter((term) => !(isLeaf(term) && term.field === path && ops.includes(term.op)));

export function withPicked(filter: Filter | undefined, path: string, values: Scalar[]): Filter | undefined {
  const rest = besides(filter, path, ["in", "eq"]);
  const [only] = values;
  if (values.length === 1 && only !== undefined) rest.push({ field: path, op: "eq", value: only });
  else if (values.length > 1) rest.push({ field: path, op: "in", value: values });
  return conjunction(rest);
}

export function toggled(filter: Filter | undefined, path: string, value: Scalar): Filter | undefined {
  const now = picked(filter, path);
  const next = now.includes(value) ? now.filter((other) => other !== value) : [...now, value];
  return withPicked(filter, path, next);
}

const LEADS = ["field", "and", "or", "not", "match", "compare", "evaluation", "projection", "review"];

/** A filter from the URL, or undefined when it is not one; the server judges what is inside. */
export function parseFilter(input: unknown): Filter | undefined {
  if (typeof input === "string") {
    try {
      return parseFilter(JSON.parse(input));
    } catch {
      return undefined;
    }
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) return undefined;
  return LEADS.some((key) => key in input) ? (input as Filter) : undefined;
}
