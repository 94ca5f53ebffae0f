import { Alert, Button, Group, Stack, Table, Text } from "@mantine/core";
import { IconCheck, IconInfoCircle } from "@tabler/icons-react";
import type { UploadReport } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { plural } from "@/lib/format";

interface Props {
  report: UploadReport;
  error: unknown;
  onMore: () => void;
  onClose: () => void;
}

const SHOWN = 500;

export function UploadReportView({ report: { added, skipped }, error, onMore, onClose }: Props) {
  return (
    <Stack>
      <ErrorAlert error={error} title={added > 0 ? "The rest was not added" : "Nothing was added"} />
      {error && added === 0 ? null : (
        <Alert
          color={added > 0 ? "petrol" : "gray"}
          icon={added > 0 ? <IconCheck size={18} /> : <IconInfoCircle size={18} />}
          role="status"
        >
          <Text fw={600}>{plural(added, "sample")} added</Text>
          {skipped.length > 0 ? <Text size="sm">{plural(skipped.length, "file")} skipped</Text> : null}
        </Alert>
      )}
      {skipped.length > 0 ? (
        <Table.ScrollContainer minWidth={0} mah={260}>
          <Table aria-label="Skipped files" stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Skipped</Table.Th>
                <Table.Th>Why</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {skipped.slice(0, SHOWN).map(({ name, reason, message }) => (
                <Table.Tr key={`${name} ${reason}`}>
                  <Table.Td>{name}</Table.Td>
                  <Table.Td>{message || reason}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      ) : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={onMore}>
          Upload more
        </Button>
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}
