import { useQueries } from "@tanstack/react-query";
import type { Filter } from "@/lib/filter";
import { http } from "../http";
import { keys } from "../query-client";
import type { Facets } from "../types";

export interface Counted {
  total: number | null;
  isEstimate: boolean;
}

/** How many samples each of these filters leaves; null while it is counted. */
export function useCounts(dataset: number, filters: (Filter | undefined)[], enabled = true): Counted[] {
  return useQueries({
    queries: filters.map((filter) => ({
      queryKey: [...keys.facets(dataset), "total", { filter }],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        http.get<Facets>(`/datasets/${dataset}/facets/`, {
          // Of no field: a comma divides nothing from nothing.
          query: { filter: filter && JSON.stringify(filter), fields: "," },
          signal,
        }),
      enabled,
      select: ({ total, exact }: Facets): Counted => ({ total, isEstimate: exact === false }),
    })),
    combine: (found) => found.map(({ data }) => data ?? { total: null, isEstimate: false }),
  });
}
