import { useQuery } from "@tanstack/react-query";
import type { Filter } from "@/lib/filter";
import { http } from "../http";
import { keys } from "../query-client";
import type { Points } from "../types";

interface Asked {
  projection: number;
  filter: Filter | undefined;
  /** The field whose labels come with the points. */
  colour: string | undefined;
}

/** The points of the samples of a filter, at most a hundred thousand. */
export function usePoints(dataset: number, { projection, filter, colour }: Asked) {
  return useQuery({
    queryKey: [...keys.points(dataset), projection, { filter, colour }],
    queryFn: ({ signal }) =>
      http.get<Points>(`/datasets/${dataset}/projections/${projection}/points/`, {
        query: { filter: filter && JSON.stringify(filter), colour },
        signal,
      }),
    // Of another projection they would be drawn where they do not lie.
    placeholderData: (before, query) => (query?.queryKey[2] === projection ? before : undefined),
  });
}
