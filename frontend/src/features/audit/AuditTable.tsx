import { Anchor, Code, Table, Text } from "@mantine/core";
import type { AuditFilter } from "@/api/audit/list-audit";
import type { AuditEntry } from "@/api/types";
import { Ago } from "@/components/Ago";
import { detailsInWords } from "./details";

interface Props {
  rows: AuditEntry[];
  /** Narrows down to what was clicked. */
  onFilter: (more: AuditFilter) => void;
}

export function AuditTable({ rows, onFilter }: Props) {
  return (
    <Table.ScrollContainer minWidth={820} type="native">
      <Table aria-label="Audit log" verticalSpacing="xs" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>Who</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>To which</Table.Th>
            <Table.Th>More</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} onFilter={onFilter} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({ row, onFilter }: { row: AuditEntry; onFilter: Props["onFilter"] }) {
  const { type, id, name } = row.object;
  return (
    <Table.Tr>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        <Ago iso={row.at} />
      </Table.Td>
      <Table.Td>
        <Anchor component="button" type="button" size="sm" onClick={() => onFilter({ actor: row.actor })}>
          {row.actor}
        </Anchor>
      </Table.Td>
      <Table.Td>
        <Code>{row.action}</Code>
      </Table.Td>
      <Table.Td maw={260} style={{ overflowWrap: "anywhere" }}>
        <Anchor component="button" type="button" size="sm" ta="left" onClick={() => onFilter({ type, id })}>
          {type} {name}
        </Anchor>
      </Table.Td>
      <Table.Td maw={420} style={{ overflowWrap: "anywhere" }}>
        {detailsInWords(row.details).map((line) => (
          <Text key={line} size="xs" c="dimmed">
            {line}
          </Text>
        ))}
      </Table.Td>
    </Table.Tr>
  );
}
