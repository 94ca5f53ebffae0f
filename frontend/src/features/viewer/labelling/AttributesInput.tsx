import { ActionIcon, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { Field } from "@/api/types";

export type AttributeKind = "text" | "number" | "boolean" | "choice";

/** What is asked of each object: "occluded" yes or no, "colour" one of a few. */
export interface Attribute {
  name: string;
  kind: AttributeKind;
  options: string[];
}

const KINDS: { value: AttributeKind; label: string }[] = [
  { value: "choice", label: "One of" },
  { value: "boolean", label: "Yes or no" },
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
];

const isKind = (kind: unknown): kind is AttributeKind => KINDS.some(({ value }) => value === kind);

/** Of the field's JSON; what the page does not understand is left out. */
export function attributesOf(field: Field | undefined): Attribute[] {
  return Object.entries(field?.attributes ?? {}).flatMap(([name, asked]) => {
    if (typeof asked !== "object" || asked === null) return [];
    const { type, options } = asked as { type?: unknown; options?: unknown };
    return isKind(type)
      ? [{ name, kind: type, options: Array.isArray(options) ? options.map(String) : [] }]
      : [];
  });
}

export const toAttributes = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(
    attributes
      .filter(({ name }) => name.trim())
      .map(({ name, kind, options }) => [
        name.trim(),
        kind === "choice" ? { type: kind, options } : { type: kind },
      ]),
  );

interface Props {
  attributes: Attribute[];
  onChange: (attributes: Attribute[]) => void;
}

export function AttributesInput({ attributes, onChange }: Props) {
  const change = (at: number, patch: Partial<Attribute>) =>
    onChange(attributes.map((each, index) => (index === at ? { ...each, ...patch } : each)));
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" fw={500}>
          Attributes of each object
        </Text>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconPlus size={15} />}
          onClick={() => onChange([...attributes, { name: "", kind: "choice", options: [] }])}
        >
          Add an attribute
        </Button>
      </Group>
      {attributes.map(({ name, kind, options }, index) => (
        // Their names are being typed; the place is all that stays.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Group key={index} gap="xs" wrap="nowrap">
          <TextInput
            aria-label={`Name of attribute ${index + 1}`}
            placeholder="occluded"
            value={name}
            onChange={(event) => change(index, { name: event.currentTarget.value })}
            flex={1}
          />
          <Select
            aria-label={`Kind of attribute ${index + 1}`}
            data={KINDS}
            value={kind}
            onChange={(next) => isKind(next) && change(index, { kind: next })}
            allowDeselect={false}
            w={120}
            comboboxProps={{ zIndex: 260 }}
          />
          {kind === "choice" ? (
            <TextInput
              aria-label={`Values of attribute ${index + 1}, divided by commas`}
              placeholder="red, green, blue"
              defaultValue={options.join(", ")}
              onBlur={(event) =>
                change(index, {
                  options: event.currentTarget.value
                    .split(",")
                    .map((each) => each.trim())
                    .filter(Boolean),
                })
              }
              flex={1}
            />
          ) : null}
          <ActionIcon
            aria-label={`Remove attribute ${index + 1}`}
            onClick={() => onChange(attributes.filter((_, each) => each !== index))}
          >
            <IconTrash size={16} stroke={1.7} />
          </ActionIcon>
        </Group>
      ))}
    </Stack>
  );
}
