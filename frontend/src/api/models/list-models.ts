import { keepPreviousData, useQuery } from "@tanstack/react-query";
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

/** What a list of models is narrowed down by and sorted by; left out: all, by name. */
export interface ModelQuery {
  search?: string;
  tag?: readonly string[];
  owner?: string;
  shared?: "mine" | "with_me";
  sort?: string;
}

/** The visible models that `query` asks for; those of the question before stay until they are there. */
export function useModelList(query: ModelQuery) {
  return useQuery({
    queryKey: [...keys.modelLists, query],
    queryFn: ({ signal }) => everyPage<Model>("/models/", { ...query }, signal),
    placeholderData: keepPreviousData,
  });
}
