import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { Filter } from "@/lib/filter";
import { http } from "../http";
import { keys } from "../query-client";
import type { Dataset, SamplePage } from "../types";

const PAGE = 200;

interface View {
  filter?: Filter;
  sort?: string;
}

/** All fields but vectors: a grid shows none, and a page of them has megabytes. Undefined where there are no vectors. */
function shownFields({ fields }: Pick<Dataset, "fields">): string | undefined {
  const shown = fields.filter(({ type }) => type !== "embedding");
  // A comma divides nothing from nothing: no field.
  return shown.length < fields.length ? shown.map(({ name }) => name).join(",") || "," : undefined;
}

/** The samples of a view, page after page by the server's cursor. */
export function useSamples(dataset: Pick<Dataset, "id" | "fields">, { filter, sort }: View) {
  const fields = shownFields(dataset);
  return useInfiniteQuery({
    queryKey: [...keys.samples(dataset.id), { filter, sort, fields }],
    queryFn: ({ pageParam, signal }) =>
      http.get<SamplePage>(`/datasets/${dataset.id}/samples/`, {
        query: { limit: PAGE, cursor: pageParam, filter: filter && JSON.stringify(filter), sort, fields },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}
