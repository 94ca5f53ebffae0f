/** What the parts of a dataset's page share: the dataset, the view in the URL, what is selected and what is shown. */

import { createContext, type ReactNode, use } from "react";
import type { Dataset } from "@/api/types";
import type { ViewSearch } from "@/lib/view-search";
import { type HiddenFields, useHiddenFields } from "./hidden-fields";
import type { Selection } from "./selection";

export interface View {
  dataset: Dataset;
  search: ViewSearch;
  /** Changes parameters of the view; `undefined` removes one. */
  change: (patch: Partial<ViewSearch>, options?: { replace?: boolean }) => void;
  selection: Selection;
  hidden: HiddenFields;
}

const ViewContext = createContext<View | null>(null);

type Props = Omit<View, "hidden"> & { children: ReactNode };

export function ViewProvider({ children, ...view }: Props) {
  const hidden = useHiddenFields(view.dataset.id);
  return <ViewContext value={{ ...view, hidden }}>{children}</ViewContext>;
}

export function useView(): View {
  const view = use(ViewContext);
  if (!view) throw new Error("useView belongs inside a ViewProvider.");
  return view;
}
