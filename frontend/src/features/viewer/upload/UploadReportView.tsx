import { Alert, Button, Group, Stack, Table, Text } from "@mantine/core";
import { IconCheck, IconClockQuestion, IconInfoCircle } from "@tabler/icons-react";
import { ApiError } from "@/api/errors";
import type { UploadReport } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { plural } from "@/lib/format";

interface Props {
  report: UploadReport;
  error: unknown;
  onLook: () => void;
  onMore: () => void;
  onClose: () => void;
}

const SHOWN = 500;

export function UploadReportView({ report: { added, skipped }, error, onLook, onMore, onClose }: Props) {
  return (
    <Stack>
      {isUnheard(error) ? (
        <Unheard onLook={onLook} />
      ) : (
        <ErrorAlert error={error} title={added > 0 ? "The rest was not added" : "Nothing was added"} />
      )}
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

/** The file was sent whole, and the connection was lost before the server had answered what it made of it. */
const isUnheard = (error: unknown): boolean =>
  error instanceof ApiError && [0, 502, 504].includes(error.status);

function Unheard({ onLook }: { onLook: () => void }) {
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<IconClockQuestion size={18} />}
      title="The server's answer was lost"
      role="alert"
    >
      <Text size="sm">
        All of the file was sent, and the server may still be adding its images. If some are missing later,
        choose the same file again: what is there already is skipped.
      </Text>
      <Button size="xs" variant="default" mt="xs" onClick={onLook}>
        Look again
      </Button>
    </Alert>
  );
}
