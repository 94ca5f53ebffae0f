import { Checkbox } from "@mantine/core";
import type { Field } from "@/api/types";
import { colourOf } from "@/lib/colours";
import { useViewFacets } from "../use-view-facets";
import { useView } from "../view";
import { FieldConditions } from "./FieldConditions";
import { FilterRow } from "./FilterRow";

/** One field: shown on the pictures or not, and under the caret what it can be filtered by. */
export function FieldFilter({ field, startOpen }: { field: Field; startOpen: boolean }) {
  const { hidden } = useView();
  const facet = useViewFacets().data?.fields[field.name];
  return (
    <FilterRow
      path={field.name}
      hint={`${field.name} · ${field.type}`}
      count={facet?.count ?? field.value_count}
      startOpen={startOpen}
      lead={
        <Checkbox
          size="xs"
          color={colourOf(field.name)}
          aria-label={`Show ${field.name} on the pictures`}
          checked={!hidden.has(field)}
          onChange={() => hidden.toggle(field)}
        />
      }
    >
      {() => <FieldConditions field={field} facet={facet} />}
    </FilterRow>
  );
}
