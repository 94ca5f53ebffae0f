import { useLocalStorage } from "@mantine/hooks";
import { useMemo } from "react";
import type { Field } from "@/api/types";
import { isLabelType } from "@/components/values/labels";

export interface HiddenFields {
  has: (field: Field) => boolean;
  toggle: (field: Field) => void;
  /** Shows these fields and no others; null: as it is when nobody has chosen. */
  show: (fields: Field[], names: string[] | null) => void;
}

/** Whether a field's chips are off: as chosen, else off for all but labels, or numbers and texts would cover them. */
export const isHidden = (chosen: Readonly<Record<string, boolean>>, { name, type }: Field): boolean =>
  !(chosen[name] ?? isLabelType(type));

/** The choice that shows just these fields. */
export const onlyShown = (fields: Pick<Field, "name">[], names: string[] | null): Record<string, boolean> =>
  names === null ? {} : Object.fromEntries(fields.map(({ name }) => [name, names.includes(name)]));

/** Which fields' chips are off, kept per dataset in this browser. */
export function useHiddenFields(dataset: number): HiddenFields {
  const [chosen, setChosen] = useLocalStorage<Record<string, boolean>>({
    key: `samplecase.shown-fields.${dataset}`,
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  return useMemo(
    () => ({
      has: (field) => isHidden(chosen, field),
      toggle: (field) => setChosen((now) => ({ ...now, [field.name]: isHidden(now, field) })),
      show: (fields, names) => setChosen(onlyShown(fields, names)),
    }),
    [chosen, setChosen],
  );
}
