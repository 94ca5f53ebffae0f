/** Which samples an action is for: those selected, those of the filter, or all. */

import type { BulkRequest } from "@/api/samples/change-samples";
import type { Filter } from "@/lib/filter";
import { plural } from "@/lib/format";

export type Scope = "selected" | "filter" | "all";

export interface Choice {
  scope: Scope;
  label: string;
  /** How many; null while they are counted. */
  count: number | null;
}

interface Present {
  selected: ReadonlySet<number>;
  filter: Filter | undefined;
  /** Samples under the filter. */
  filtered: number | null;
  total: number;
}

/** What can be chosen, the narrowest first: that is what is meant by whoever does not choose. */
export function choicesOf({ selected, filter, filtered, total }: Present): [Choice, ...Choice[]] {
  const every: Choice = { scope: "all", label: `All ${plural(total, "sample")}`, count: total };
  const counted = filtered === null ? "matches" : plural(filtered, "match", "matches");
  const matching: Choice = { scope: "filter", label: `All ${counted} of the filter`, count: filtered };
  const broad = filter ? matching : every;
  if (selected.size === 0) return [broad];
  return [{ scope: "selected", label: `${selected.size} selected`, count: selected.size }, broad];
}

// A filter is required where no samples are named; every sample has an id.
const ANY: Filter = { field: "id", op: "exists", value: true };

export function samplesOf(
  scope: Scope,
  { selected, filter }: Pick<Present, "selected" | "filter">,
): Pick<BulkRequest, "samples" | "filter"> {
  if (scope === "selected") return { samples: [...selected] };
  return { filter: scope === "filter" && filter ? filter : ANY };
}
