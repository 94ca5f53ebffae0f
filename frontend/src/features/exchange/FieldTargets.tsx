import { Autocomplete, Checkbox, Group, Stack, Text } from "@mantine/core";
import { IconArrowNarrowRight } from "@tabler/icons-react";
import type { Dataset, ImportedField } from "@/api/types";
import { plural } from "@/lib/format";
import type { Targets } from "./class-map";

interface Props {
  fields: ImportedField[];
  targets: Targets;
  dataset: Dataset;
  /** Null: the field is left out. */
  onChange: (name: string, target: string | null) => void;
}

/** Where each field of the file goes. */
export function FieldTargets({ fields, targets, dataset, onChange }: Props) {
  return (
    <Stack gap={6} role="group" aria-label="Fields">
      <Text size="sm" fw={500}>
        Fields
      </Text>
      {fields.map((field) => {
        const target = targets[field.name] ?? null;
        const there = dataset.fields.filter(({ type }) => type === field.type).map(({ name }) => name);
        return (
          <Group key={field.name} gap="sm" wrap="nowrap">
            <Checkbox
              checked={target !== null}
              onChange={(event) =>
                onChange(field.name, event.currentTarget.checked ? (field.target ?? field.name) : null)
              }
              label={field.name}
              description={`${field.type} · ${plural(field.values, "value")}`}
              w={250}
              styles={{ label: { overflowWrap: "anywhere" } }}
            />
            <IconArrowNarrowRight size={18} aria-hidden="true" style={{ flex: "none" }} />
            <Autocomplete
              aria-label={`Field for ${field.name}`}
              data={there}
              value={target ?? ""}
              disabled={target === null}
              placeholder="left out"
              onChange={(next) => onChange(field.name, next)}
              flex={1}
            />
            <Text size="xs" c="dimmed" w={70}>
              {target === null ? "" : there.includes(target) ? "existing" : "new field"}
            </Text>
          </Group>
        );
      })}
    </Stack>
  );
}
