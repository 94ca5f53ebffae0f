import { Button, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import type { AuditFilter } from "@/api/audit/list-audit";

interface Props {
  filter: AuditFilter;
  onFilter: (filter: AuditFilter) => void;
}

const KINDS = [
  { value: "dataset", label: "datasets" },
  { value: "samples", label: "uploads of samples" },
  { value: "sample", label: "samples" },
  { value: "field", label: "fields" },
  { value: "view", label: "views" },
  { value: "review", label: "reviews" },
  { value: "projection", label: "projections" },
  { value: "model", label: "models" },
  { value: "version", label: "versions" },
  { value: "alias", label: "aliases" },
  { value: "deployment", label: "deployments" },
  { value: "job", label: "jobs" },
  { value: "evaluation", label: "evaluations" },
  { value: "user", label: "accounts" },
  { value: "session", label: "sessions" },
  { value: "token", label: "tokens" },
  { value: "group", label: "groups" },
];

/** What is looked for. What is typed is asked for after a moment. */
export function AuditFilters({ filter, onFilter }: Props) {
  const kind = filter.action?.split(".")[0] ?? null;
  const isEmpty = Object.values(filter).every((value) => !value);
  return (
    <Group gap="xs" align="flex-end">
      <Select
        label="About"
        placeholder="everything"
        data={KINDS}
        value={kind}
        clearable
        onChange={(value) => onFilter({ ...filter, action: value ?? undefined })}
        w={180}
      />
      <Typed label="Who" value={filter.actor} onType={(actor) => onFilter({ ...filter, actor })} />
      <Typed label="Name" value={filter.search} onType={(search) => onFilter({ ...filter, search })} />
      <Day label="From" value={filter.since} onDay={(since) => onFilter({ ...filter, since })} />
      <Day label="Before" value={filter.until} onDay={(until) => onFilter({ ...filter, until })} />
      {isEmpty ? null : (
        <Button variant="subtle" onClick={() => onFilter({})}>
          Show everything
        </Button>
      )}
    </Group>
  );
}

interface TypedProps {
  label: string;
  value: string | undefined;
  onType: (value: string | undefined) => void;
}

function Typed({ label, value = "", onType }: TypedProps) {
  const [typed, setTyped] = useState({ text: value, from: value });
  const ask = useDebouncedCallback((text: string) => onType(text.trim() || undefined), 300);
  // The address was changed from elsewhere.
  if (typed.from !== value) setTyped({ text: value, from: value });
  return (
    <TextInput
      label={label}
      value={typed.text}
      maxLength={100}
      w={150}
      onChange={(event) => {
        setTyped({ text: event.currentTarget.value, from: value });
        ask(event.currentTarget.value);
      }}
    />
  );
}

interface DayProps {
  label: string;
  /** The beginning of a day, as a time. */
  value: string | undefined;
  onDay: (value: string | undefined) => void;
}

function Day({ label, value, onDay }: DayProps) {
  return (
    <TextInput
      type="date"
      label={label}
      value={value ? localDay(new Date(value)) : ""}
      onChange={(event) => {
        const begins = new Date(`${event.currentTarget.value}T00:00:00`);
        onDay(Number.isNaN(begins.getTime()) ? undefined : begins.toISOString());
      }}
    />
  );
}

function localDay(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
