import { Skeleton, Stack, Text } from "@mantine/core";
import type { Field, FieldFacet } from "@/api/types";
import { hasLabels } from "@/components/values/labels";
import { colourOf, labelColour } from "@/lib/colours";
import { picked, toggled } from "@/lib/filter";
import { useView } from "../view";
import { Choices } from "./Choices";
import { PresenceFilter } from "./PresenceFilter";
import { RangeFilter } from "./RangeFilter";
import { TextFilter } from "./TextFilter";
import { TrueOrFalse } from "./TrueOrFalse";
import { WrittenBy } from "./WrittenBy";

const MANY = 12;
const UNIT = { min: 0, max: 1 };

/** The conditions that a field's type allows, and those that every field does: whether it is there, and who wrote it. */
export function FieldConditions({ field, facet }: { field: Field; facet: FieldFacet | undefined }) {
  if (!facet) return <Skeleton h={60} />;
  const { name, type } = field;
  const hasRange = typeof facet.min === "number" && typeof facet.max === "number";
  return (
    <Stack gap="xs">
      {type === "boolean" ? <TrueOrFalse name={name} labels={facet.labels ?? []} /> : null}
      {type === "string" && (facet.labels?.length ?? 0) > MANY ? (
        <TextFilter path={name} placeholder={`${name} contains…`} />
      ) : null}
      {type === "boolean" ? null : <Labels field={field} facet={facet} />}
      {facet.confidence ? (
        <RangeFilter
          path={`${name}.confidence`}
          title="Confidence"
          bounds={UNIT}
          bins={facet.confidence.histogram}
        />
      ) : null}
      {hasRange ? (
        <RangeFilter
          path={name}
          title="Range"
          bounds={{ min: facet.min ?? 0, max: facet.max ?? 0 }}
          bins={facet.histogram}
          whole={type === "integer"}
        />
      ) : null}
      <PresenceFilter name={name} facet={facet} />
      <WrittenBy name={name} facet={facet} />
    </Stack>
  );
}

function Labels({ field, facet }: { field: Field; facet: FieldFacet }) {
  const { search, change } = useView();
  if (!facet.labels) return null;
  const path = hasLabels(field.type) ? `${field.name}.label` : field.name;
  const chosen = picked(search.filter, path);
  // What is picked stays in sight when nothing matches, or it could not be taken back.
  const gone = chosen.filter((label) => !facet.labels?.some((each) => each.label === label));
  const choices = [...facet.labels, ...gone.map((label) => ({ label: String(label), count: 0 }))];
  if (choices.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No values to filter by.
      </Text>
    );
  }
  return (
    <Choices
      of={field.name}
      choices={choices}
      more={facet.more}
      picked={chosen}
      colour={(label) => (hasLabels(field.type) ? labelColour(label, field) : colourOf(field.name))}
      onToggle={(label) => change({ filter: toggled(search.filter, path, label) })}
    />
  );
}
