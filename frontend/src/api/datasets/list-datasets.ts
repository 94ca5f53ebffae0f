import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { everyPage } from "../pages";
import { keys } from "../query-client";
import type { Dataset } from "../types";

/** All that one may see, only one's own, or only what others have shared. */
export type Shared = "mine" | "with_me";

/** Every dataset that the user may see, or those that `shared` leaves. */
export function useDatasets(shared?: Shared) {
  return useQuery({
    queryKey: shared ? [...keys.datasets, "shared", shared] : keys.datasets,
    queryFn: ({ signal }) => everyPage<Dataset>("/datasets/", { shared }, signal),
    placeholderData: keepPreviousData,
  });
}
