import { ActionIcon, Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { NameInput } from "./NameInput";
import type { Right } from "./rights";

export interface Grant {
  name: string;
  right: string;
}

interface Props {
  title: string;
  placeholder: string;
  of: "users" | "groups";
  rights: Right[];
  grants: Grant[];
  onChange: (grants: Grant[]) => void;
  /** What is wrong with the grant at this place, if anything is. */
  faultAt: (place: number) => string | undefined;
}

/** Names with a right each; a new name is added with the middle right. */
export function Grants({ title, placeholder, of, rights, grants, onChange, faultAt }: Props) {
  const [name, setName] = useState("");

  function add(added: string) {
    if (!added) return;
    if (!grants.some((grant) => grant.name === added)) {
      onChange([...grants, { name: added, right: rights[1]?.value ?? "view" }]);
    }
    setName("");
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    add(name.trim());
  }

  return (
    <Stack gap="xs">
      <Text fw={550}>{title}</Text>
      {grants.map((grant, place) => (
        <GrantRow
          key={grant.name}
          grant={grant}
          rights={rights}
          fault={faultAt(place)}
          onRight={(right) => onChange(grants.map((each) => (each === grant ? { ...each, right } : each)))}
          onRemove={() => onChange(grants.filter((each) => each !== grant))}
        />
      ))}
      <form onSubmit={submit}>
        <Group gap="xs" wrap="nowrap">
          <NameInput
            of={of}
            flex={1}
            placeholder={placeholder}
            aria-label={placeholder}
            value={name}
            onChange={setName}
            onOptionSubmit={(chosen) => {
              add(chosen);
              // After it, Mantine writes the chosen name into the input.
              queueMicrotask(() => setName(""));
            }}
          />
          <Button type="submit" variant="default" disabled={!name.trim()}>
            Add
          </Button>
        </Group>
      </form>
    </Stack>
  );
}

interface RowProps {
  grant: Grant;
  rights: Right[];
  fault: string | undefined;
  onRight: (right: string) => void;
  onRemove: () => void;
}

function GrantRow({ grant, rights, fault, onRight, onRemove }: RowProps) {
  return (
    <div>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" truncate>
          {grant.name}
        </Text>
        <Group gap={4} wrap="nowrap">
          <Select
            aria-label={`Right of ${grant.name}`}
            data={rights.map(({ value, label }) => ({ value, label }))}
            value={grant.right}
            allowDeselect={false}
            w={150}
            onChange={(right) => right && onRight(right)}
          />
          <ActionIcon aria-label={`Take the right from ${grant.name}`} onClick={onRemove}>
            <IconX size={16} />
          </ActionIcon>
        </Group>
      </Group>
      {fault ? (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {fault}
        </Text>
      ) : null}
    </div>
  );
}
