/** What of a dataset's evaluations stands in the URL. */

import { type Filter, parseFilter } from "./filter";

export interface EvaluationsSearch {
  /** The filter of the view that one came from, offered to a new evaluation. */
  filter?: Filter;
}

export interface EvaluationSearch {
  /** Column of the table of classes, "-" before it for the greatest first. */
  sort?: string;
  /** Another evaluation, shown beside this one. */
  compare?: number;
  /** The class whose curve is picked out. */
  curve?: string;
}

export function parseEvaluationsSearch(search: Record<string, unknown>): EvaluationsSearch {
  const filter = parseFilter(search.filter);
  return filter ? { filter } : {};
}

export function parseEvaluationSearch(search: Record<string, unknown>): EvaluationSearch {
  const view: EvaluationSearch = {};
  if (typeof search.sort === "string" && search.sort) view.sort = search.sort;
  const compare = Number(search.compare);
  if (search.compare !== undefined && Number.isInteger(compare) && compare > 0) view.compare = compare;
  // The router reads a class called 3 as a number.
  if (typeof search.curve === "string" || typeof search.curve === "number") view.curve = String(search.curve);
  return view;
}
