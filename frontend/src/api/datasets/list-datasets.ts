import { useQuery } from "@tanstack/react-query";
import { everyPage } from "../pages";
import { keys } from "../query-client";
import type { Dataset } from "../types";

/** Every dataset that the user may see. */
export function useDatasets() {
  return useQuery({
    queryKey: keys.datasets,
    queryFn: ({ signal }) => everyPage<Dataset>("/datasets/", {}, signal),
  });
}
