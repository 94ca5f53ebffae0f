/** What a digit labels on this dataset, chosen once for the grid and the sample, and its classes. */

import { useLocalStorage } from "@mantine/hooks";
import { useMemo } from "react";
import { useFacets } from "@/api/samples/get-facets";
import type { Field } from "@/api/types";
import { useView } from "../view";
import { canAnnotateIn, classesOf, isTags, TAGS } from "./targets";

export interface Target {
  /** A field's name, or "tags"; null while nothing was chosen and there is no field. */
  name: string | null;
  field: Field | undefined;
  classes: string[];
  choose: (name: string) => void;
}

export function useTarget(): Target {
  const { dataset } = useView();
  const [kept, choose] = useLocalStorage<string>({
    key: `samplecase.label-field.${dataset.id}`,
    defaultValue: "",
    getInitialValueInEffect: false,
  });
  const able = canAnnotateIn(dataset.fields);
  const known = isTags(kept) || able.some(({ name }) => name === kept);
  const name = known ? kept : (able[0]?.name ?? null);
  const field = able.find((each) => each.name === name);
  const { data: facets } = useFacets(dataset.id, undefined);
  const classes = useMemo(() => (name === null ? [] : classesOf(name, field, facets)), [name, field, facets]);
  return { name, field, classes, choose };
}

export const targetOptions = (fields: readonly Field[]) => [
  { group: "Fields", items: canAnnotateIn(fields).map(({ name }) => ({ value: name, label: name })) },
  { group: "Sample", items: [{ value: TAGS, label: "Tags" }] },
];
