import { ActionIcon, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import type { Right } from "./rights";

export interface Grant {
  name: string;
  right: string;
}

interface Props {
  title: string;
  placeholder: string;
  rights: Right[];
  grants: Grant[];
  onChange: (grants: Grant[]) => void;
}

/** Names with a right each; a new name is added with the middle right. */
export function Grants({ title, placeholder, rights, grants, onChange }: Props) {
  const [name, setName] = useState("");
  const choices = rights.map(({ value, label }) => ({ value, label }));

  function add(event: FormEvent) {
    event.preventDefault();
    const added = name.trim();
    if (!added) return;
    if (!grants.some((grant) => grant.name === added)) {
      onChange([...grants, { name: added, right: rights[1]?.value ?? "view" }]);
    }
    setName("");
  }

  return (
    <Stack gap="xs">
      <Text fw={550}>{title}</Text>
      {grants.map((grant) => (
        <Group key={grant.name} justify="space-between" wrap="nowrap">
          <Text size="sm" truncate>
            {grant.name}
          </Text>
          <Group gap={4} wrap="nowrap">
            <Select
              aria-label={`Right of ${grant.name}`}
              data={choices}
              value={grant.right}
              allowDeselect={false}
              w={150}
              onChange={(right) =>
                onChange(
                  grants.map((each) => (each === grant ? { ...each, right: right ?? each.right } : each)),
                )
              }
            />
            <ActionIcon
              aria-label={`Take the right from ${grant.name}`}
              onClick={() => onChange(grants.filter((each) => each !== grant))}
            >
              <IconX size={16} />
            </ActionIcon>
          </Group>
        </Group>
      ))}
      <form onSubmit={add}>
        <Group gap="xs" wrap="nowrap">
          <TextInput
            flex={1}
            placeholder={placeholder}
            aria-label={placeholder}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={!name.trim()}>
            Add
          </Button>
        </Group>
      </form>
    </Stack>
  );
}
