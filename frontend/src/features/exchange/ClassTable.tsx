import { Autocomplete, Badge, Checkbox, Group, Table, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { count, plural } from "@/lib/format";
import type { LabelRow } from "./class-map";

interface Props {
  rows: LabelRow[];
  known: ReadonlySet<string>;
  /** Null: the label is left out. */
  onChange: (label: string, target: string | null) => void;
}

const SHOWN = 200;
const MANY = 12;

/** What each label of the file becomes. */
export function ClassTable({ rows, known, onChange }: Props) {
  const [search, setSearch] = useState("");
  const found = rows.filter(({ label }) => label.toLowerCase().includes(search.trim().toLowerCase()));
  const unmatched = rows.filter(({ isKnown }) => !isKnown).length;
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm" fw={500}>
          Labels
          <Text span size="sm" c="dimmed" fw={400}>
            {unmatched > 0
              ? ` · ${plural(unmatched, "is no class yet and becomes one", "are no classes yet and become such")}`
              : ` · ${count(rows.length)}`}
          </Text>
        </Text>
        {rows.length > MANY ? (
          <TextInput
            size="xs"
            aria-label="Search labels"
            placeholder="Search labels"
            leftSection={<IconSearch size={14} />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        ) : null}
      </Group>
      <Table.ScrollContainer minWidth={0} mah={260} scrollAreaProps={{ type: "auto" }}>
        <Table aria-label="Labels" stickyHeader verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>In the file</Table.Th>
              <Table.Th ta="right" w={80}>
                Count
              </Table.Th>
              <Table.Th w={260}>Becomes</Table.Th>
              <Table.Th w={100} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.slice(0, SHOWN).map((row) => (
              <LabelLine key={row.label} row={row} known={known} onChange={onChange} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {found.length > SHOWN ? (
        <Text size="xs" c="dimmed">
          {plural(found.length - SHOWN, "more label")}; search for them.
        </Text>
      ) : null}
    </div>
  );
}

function LabelLine({ row, known, onChange }: { row: LabelRow } & Pick<Props, "known" | "onChange">) {
  const { label, target, isKnown } = row;
  return (
    <Table.Tr>
      <Table.Td>
        <Checkbox
          label={label}
          checked={target !== null}
          onChange={(event) => onChange(label, event.currentTarget.checked ? label : null)}
          styles={{ label: { overflowWrap: "anywhere" } }}
        />
      </Table.Td>
      <Table.Td ta="right" className="tabular">
        {count(row.count)}
      </Table.Td>
      <Table.Td>
        <Autocomplete
          size="xs"
          aria-label={`${label} becomes`}
          data={[...known]}
          value={target ?? ""}
          placeholder="left out"
          disabled={target === null}
          onChange={(next) => onChange(label, next)}
        />
      </Table.Td>
      <Table.Td>
        {isKnown ? null : (
          <Badge color="yellow" variant="light" tt="none">
            new class
          </Badge>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
