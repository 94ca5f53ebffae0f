import { ActionIcon, Card, Menu, Table, Text, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots, IconTrash, IconUserShare } from "@tabler/icons-react";
import { mayOnDataset } from "@/api/access";
import { useDeleteDataset } from "@/api/datasets/delete-dataset";
import type { Dataset } from "@/api/types";
import { Ago } from "@/components/Ago";
import { confirmByName } from "@/components/confirm";
import { AnchorLink } from "@/components/links";
import { TransferDialog } from "@/components/sharing/TransferDialog";
import { Tags } from "@/components/Tags";
import { count, plural } from "@/lib/format";

export function DatasetTable({ datasets }: { datasets: Dataset[] }) {
  return (
    <Card withBorder padding={0}>
      <Table.ScrollContainer minWidth={780} type="native">
        <Table verticalSpacing="sm" horizontalSpacing="md" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th ta="right">Samples</Table.Th>
              <Table.Th ta="right">Fields</Table.Th>
              <Table.Th>Tags</Table.Th>
              <Table.Th>Owner</Table.Th>
              <Table.Th>Updated</Table.Th>
              <Table.Th w={48}>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {datasets.map((dataset) => (
              <Row key={dataset.id} dataset={dataset} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {datasets.length === 0 ? (
        <Text c="dimmed" p="md">
          No dataset matches.
        </Text>
      ) : null}
    </Card>
  );
}

function Row({ dataset }: { dataset: Dataset }) {
  const { id, name, description, sample_count, fields, tags, owner, updated_at } = dataset;
  return (
    <Table.Tr>
      <Table.Td maw={480}>
        <AnchorLink
          to="/datasets/$datasetId"
          params={{ datasetId: id }}
          fw={600}
          c="var(--mantine-color-text)"
        >
          {name}
        </AnchorLink>
        {description ? (
          <Text size="sm" c="dimmed" truncate title={description}>
            {description}
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td ta="right" className="tabular">
        {count(sample_count)}
      </Table.Td>
      <Table.Td ta="right" className="tabular">
        {fields.length}
      </Table.Td>
      <Table.Td>
        <Tags tags={tags} />
      </Table.Td>
      <Table.Td>{owner}</Table.Td>
      <Table.Td c="dimmed" style={{ whiteSpace: "nowrap" }}>
        <Ago iso={updated_at} />
      </Table.Td>
      <Table.Td>{mayOnDataset(dataset.access, "edit") ? <RowMenu dataset={dataset} /> : null}</Table.Td>
    </Table.Tr>
  );
}

function RowMenu({ dataset }: { dataset: Dataset }) {
  const remove = useDeleteDataset();
  const [transferring, transfer] = useDisclosure(false);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${dataset.name}`}>
            <IconDots size={18} stroke={1.6} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {dataset.access === "owner" ? (
            <Menu.Item leftSection={<IconUserShare size={16} stroke={1.6} />} onClick={transfer.open}>
              Transfer…
            </Menu.Item>
          ) : null}
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} stroke={1.6} />}
            onClick={() =>
              confirmByName({
                title: "Delete dataset",
                consequence: `${plural(dataset.sample_count, "sample")} and all their values in ${plural(dataset.fields.length, "field")} will be gone for everyone. This cannot be undone.`,
                name: dataset.name,
                action: "Delete dataset",
                onConfirm: () => remove.mutateAsync(dataset.id),
              })
            }
          >
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <TransferDialog
        kind="datasets"
        id={dataset.id}
        name={dataset.name}
        opened={transferring}
        onClose={transfer.close}
      />
    </>
  );
}
