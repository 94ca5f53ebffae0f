import { SegmentedControl } from "@mantine/core";
import type { FieldFacet } from "@/api/types";
import { presenceOf, withPresence } from "@/lib/conditions";
import { count } from "@/lib/format";
import { useView } from "../view";

/** Samples with a value, without one, or both. */
export function PresenceFilter({ name, facet }: { name: string; facet: FieldFacet }) {
  const { search, change } = useView();
  const there = presenceOf(search.filter, name);
  if (there === undefined && (facet.missing === 0 || facet.count === 0)) return null;
  const missing = facet.missing === undefined ? "Missing" : `Missing (${count(facet.missing)})`;
  return (
    <SegmentedControl
      fullWidth
      size="xs"
      aria-label={`Samples with or without ${name}`}
      data={[
        { value: "any", label: "Any" },
        { value: "true", label: "With value" },
        { value: "false", label: missing },
      ]}
      value={there === undefined ? "any" : String(there)}
      onChange={(next) =>
        change({ filter: withPresence(search.filter, name, next === "any" ? undefined : next === "true") })
      }
    />
  );
}
