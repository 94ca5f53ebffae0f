import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Filter } from "@/lib/filter";
import { http } from "../http";
import { keys } from "../query-client";
import type { Facets } from "../types";

const asked = (dataset: number, filter: Filter | undefined, exact?: boolean) => ({
  queryKey: [...keys.facets(dataset), { filter, exact }],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    http.get<Facets>(`/datasets/${dataset}/facets/`, {
      // Each field is counted under the conditions on all the others: what stands beside a picked label stays to be picked.
      query: { filter: filter && JSON.stringify(filter), faceted: true, exact },
      signal,
    }),
});

/**
 * What is in the samples of a filter: how many, and per field its labels or its range. Where the server first answers with an
 * estimate (`exact` is false), the exact numbers take its place when they are counted.
 */
export function useFacets(dataset: number, filter: Filter | undefined) {
  const quick = useQuery({ ...asked(dataset, filter), placeholderData: keepPreviousData });
  const isEstimate = quick.data?.exact === false && !quick.isPlaceholderData;
  const exact = useQuery({ ...asked(dataset, filter, true), enabled: isEstimate });
  return isEstimate && exact.data ? { ...quick, data: exact.data } : quick;
}
