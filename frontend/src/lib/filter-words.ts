/** A filter's conditions in a few words each, for whoever wonders why samples are missing. */

import { type Filter, isLeaf, isWithin, type Leaf, type Scalar } from "./filter";
import { number } from "./format";

const SIGNS: Partial<Record<Leaf["op"], string>> = {
  eq: "is",
  ne: "is not",
  in: "is one of",
  lt: "<",
  le: "≤",
  gt: ">",
  ge: "≥",
  contains: "contains",
  startswith: "starts with",
};

const VERDICT_WORDS = {
  agree: "agree",
  disagree: "disagree",
  only_first: "only the first",
  only_second: "only the second",
};

const JUDGED = { tp: "right", fp: "predicted in vain", fn: "not found" };

const told = (value: Scalar): string => (typeof value === "number" ? number(value) : String(value));

function leafWords({ field, op, value }: Leaf): string {
  if (op === "exists") return value === false ? `${field} is missing` : `${field} is there`;
  const values = Array.isArray(value) ? value : [value ?? null];
  const days = op === "ge" || op === "le" ? values.map((each) => String(each).replace(/T.*$/, "")) : null;
  const text = typeof value === "string" && days ? days.join() : values.map(told).join(", ");
  return `${field} ${SIGNS[op] ?? op} ${text}`;
}

/** "predictions.label is one of 3, 5"; what is nested stays as short as it can be told. */
export function words(term: Filter): string {
  if (isLeaf(term)) return leafWords(term);
  if ("match" in term) return `a label of ${term.match}: ${term.where.map(leafWords).join(" and ")}`;
  if ("compare" in term) return `${term.compare.join(" and ")}: ${VERDICT_WORDS[term.is] ?? term.is}`;
  if ("evaluation" in term) {
    const side = (name: string, label: string | null | undefined) =>
      label === undefined ? null : `${name} ${label ?? "nothing"}`;
    const cell = [side("actual", term.actual), side("predicted", term.predicted)];
    const verdict = term.is && JUDGED[term.is];
    return [`evaluation ${term.evaluation}`, ...cell, verdict].filter(Boolean).join(", ");
  }
  if (isWithin(term)) return `drawn around in projection ${term.projection}`;
  if ("review" in term) return [`review ${term.review}`, term.is].filter(Boolean).join(": ");
  if ("not" in term) return `not (${words(term.not)})`;
  const [parts, glue] = "and" in term ? [term.and, " and "] : [term.or, " or "];
  return Array.isArray(parts) ? parts.map(words).join(glue) : JSON.stringify(term);
}
