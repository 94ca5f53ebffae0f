/** What was drawn around points, as a condition of the view's filter. */

import { conjunction, type Filter, isWithin, type Loop, terms, type Within } from "@/lib/filter";

/** How a new loop goes with those before it. */
export type Mode = "replace" | "add" | "subtract";

const MOST_LOOPS = 20;

const isOf = (term: Filter, projection: number): term is Within =>
  isWithin(term) && term.projection === projection;

export const loopsOf = (filter: Filter | undefined, projection: number): Loop[] =>
  terms(filter).find((term) => isOf(term, projection))?.within ?? [];

/** The filter without what was drawn in this projection. */
export const withoutLoops = (filter: Filter | undefined, projection: number): Filter | undefined =>
  conjunction(terms(filter).filter((term) => !isOf(term, projection)));

/** The filter with one more loop, in the manner of `mode`; unchanged where the loop means nothing, or is one too many. */
export function withLoop(
  filter: Filter | undefined,
  projection: number,
  corners: [number, number][],
  mode: Mode,
): Filter | undefined {
  const before = mode === "replace" ? [] : loopsOf(filter, projection);
  // Nothing can be taken out of nothing.
  if (corners.length < 3 || (mode === "subtract" && before.length === 0)) return filter;
  if (before.length >= MOST_LOOPS) return filter;
  const loop: Loop = mode === "subtract" ? { subtract: corners } : { add: corners };
  const rest = withoutLoops(filter, projection);
  return conjunction([...terms(rest), { projection, within: [...before, loop] }]);
}

/** What the keys held while drawing mean. */
export const modeOf = (event: { shiftKey: boolean; altKey: boolean }): Mode =>
  event.altKey ? "subtract" : event.shiftKey ? "add" : "replace";
