import { Button, Card, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import type { ResumableUpload } from "@/api/types";
import { useRemoveUpload, useUploads } from "@/api/uploads/uploads";
import { Ago } from "@/components/Ago";
import { ErrorAlert } from "@/components/ErrorAlert";
import { bytes, dateTime, percent } from "@/lib/format";

/** Large files that were begun to be sent, from here or by a script. Not shown while there are none. */
export function UploadList() {
  const uploads = useUploads();
  const remove = useRemoveUpload();
  if (!uploads.data?.length && !uploads.error) return null;
  return (
    <Card withBorder component="section" aria-labelledby="account-uploads">
      <Title order={2} size="h3" id="account-uploads">
        Uploads under way
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        The same file chosen again goes on where it was. What nobody goes on with is removed by itself.
      </Text>
      <ErrorAlert error={uploads.error ?? remove.error} onRetry={() => uploads.refetch()} />
      <Table.ScrollContainer minWidth={520} type="native">
        <Table aria-labelledby="account-uploads">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>File</Table.Th>
              <Table.Th>Sent</Table.Th>
              <Table.Th>Begun</Table.Th>
              <Table.Th>Kept until</Table.Th>
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {uploads.data?.map((upload) => (
              <Row key={upload.id} upload={upload} onRemove={() => remove.mutate(upload.id)} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}

function Row({ upload, onRemove }: { upload: ResumableUpload; onRemove: () => void }) {
  const { name, offset, length } = upload;
  return (
    <Table.Tr>
      <Table.Td maw={280}>
        <Text size="sm" truncate title={name}>
          {name}
        </Text>
      </Table.Td>
      <Table.Td>
        {percent(length ? offset / length : 1)} of {bytes(length)}
      </Table.Td>
      <Table.Td>
        <Ago iso={upload.created_at} />
      </Table.Td>
      <Table.Td>{dateTime(upload.expires_at)}</Table.Td>
      <Table.Td ta="right">
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          aria-label={`Remove ${name}`}
          onClick={onRemove}
        >
          Remove
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
