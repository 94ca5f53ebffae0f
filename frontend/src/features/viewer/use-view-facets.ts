import { useFacets } from "@/api/samples/get-facets";
import { useView } from "./view";

/** What is in the present view; asked by whoever shows a part of it, answered once. */
export function useViewFacets() {
  const { dataset, search } = useView();
  return useFacets(dataset.id, search.filter);
}
