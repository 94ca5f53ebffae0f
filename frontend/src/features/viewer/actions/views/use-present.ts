import { useCallback } from "react";
import type { SavedView } from "@/api/types";
import { useView } from "../../view";

/** The present filter, order and shown fields, and the way to those of a saved view. */
export function usePresent() {
  const { dataset, search, change, hidden } = useView();
  const { fields } = dataset;
  const present = {
    filter: search.filter ?? null,
    sort: search.sort ?? null,
    fields: fields.filter((field) => !hidden.has(field)).map(({ name }) => name),
  };
  const { show } = hidden;
  const open = useCallback(
    (view: SavedView) => {
      if (view.fields) show(fields, view.fields);
      change({
        filter: view.filter ?? undefined,
        sort: view.sort ?? undefined,
        view: view.id,
        sample: undefined,
      });
    },
    [fields, show, change],
  );
  return { present, open };
}
