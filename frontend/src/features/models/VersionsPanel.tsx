import { Button, Group, Paper, Table, Text, Title } from "@mantine/core";
import { IconPackage, IconUpload } from "@tabler/icons-react";
import type { Model, ModelVersion } from "@/api/types";
import { Ago } from "@/components/Ago";
import { EmptyState } from "@/components/EmptyState";
import classes from "./models.module.css";
import { PortBadges } from "./PortBadges";

interface Props {
  model: Model;
  canEdit: boolean;
  chosen: string | null;
  onChoose: (version: string) => void;
  onUpload: () => void;
}

export function VersionsPanel({ model, canEdit, chosen, onChoose, onUpload }: Props) {
  return (
    <Paper withBorder className={classes.panel}>
      <div className={classes.panelHead}>
        <Title order={2} size="h3">
          Versions
        </Title>
        {canEdit && model.versions.length > 0 ? (
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconUpload size={14} />}
            onClick={onUpload}
          >
            Upload a version
          </Button>
        ) : null}
      </div>
      {model.versions.length === 0 ? (
        <EmptyState
          icon={IconPackage}
          title="No version yet"
          text="Upload a packed model: a .zip with its code or weights, and a schema of its inputs and outputs."
        >
          {canEdit ? <Button onClick={onUpload}>Upload</Button> : null}
        </EmptyState>
      ) : (
        <Table horizontalSpacing="md" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Version</Table.Th>
              <Table.Th>Inputs → outputs</Table.Th>
              <Table.Th>Digest</Table.Th>
              <Table.Th>Uploaded</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {model.versions.map((version) => (
              <VersionRow
                key={version.version}
                version={version}
                isChosen={version.version === chosen}
                onChoose={onChoose}
              />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Paper>
  );
}

interface RowProps {
  version: ModelVersion;
  isChosen: boolean;
  onChoose: (version: string) => void;
}

function VersionRow({ version, isChosen, onChoose }: RowProps) {
  return (
    <Table.Tr bg={isChosen ? "var(--accent-soft)" : undefined}>
      <Table.Td>
        <Button
          variant="transparent"
          size="compact-sm"
          px={0}
          aria-pressed={isChosen}
          onClick={() => onChoose(version.version)}
        >
          v{version.version}
        </Button>
      </Table.Td>
      <Table.Td>
        <Group gap={6}>
          <PortBadges schema={version.schema.inputs} />
          <Text span c="dimmed">
            →
          </Text>
          <PortBadges schema={version.schema.outputs} />
        </Group>
      </Table.Td>
      <Table.Td>
        <code title={version.sha256}>{version.sha256.slice(0, 12)}</code>
      </Table.Td>
      <Table.Td>
        <Text size="sm" c="dimmed">
          {version.created_at ? <Ago iso={version.created_at} /> : null}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}
