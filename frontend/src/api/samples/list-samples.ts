import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { Filter } from "@/lib/filter";
import { http } from "../http";
import { keys } from "../query-client";
import type { SamplePage } from "../types";

const PAGE = 200;

interface View {
  filter?: Filter;
  sort?: string;
}

/** The samples of a view, page after page by the server's cursor. */
export function useSamples(dataset: number, { filter, sort }: View) {
  return useInfiniteQuery({
    queryKey: [...keys.samples(dataset), { filter, sort }],
    queryFn: ({ pageParam, signal }) =>
      http.get<SamplePage>(`/datasets/${dataset}/samples/`, {
        query: { limit: PAGE, cursor: pageParam, filter: filter && JSON.stringify(filter), sort },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}
