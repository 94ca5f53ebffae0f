import { useQuery } from "@tanstack/react-query";
import { everyPage } from "../pages";
import { keys } from "../query-client";
import type { Model } from "../types";

/** Every model that the user may see. */
export function useModels() {
  return useQuery({
    queryKey: keys.models,
    queryFn: ({ signal }) => everyPage<Model>("/models/", {}, signal),
  });
}
