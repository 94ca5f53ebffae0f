import { Button, Paper, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import { IconPackage, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import type { Model } from "@/api/types";
import { Ago } from "@/components/Ago";
import { EmptyState } from "@/components/EmptyState";
import { AliasDialog } from "./AliasDialog";
import classes from "./models.module.css";
import { VersionRow } from "./VersionRow";

interface Props {
  model: Model;
  canEdit: boolean;
  chosen: string | null;
  onChoose: (version: string) => void;
  onUpload: () => void;
}

export function VersionsPanel({ model, canEdit, chosen, onChoose, onUpload }: Props) {
  const [aliased, setAliased] = useState<string | null>(null);
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
        <Table horizontalSpacing="md" highlightOnHover aria-label="Versions">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Version</Table.Th>
              <Table.Th>Inputs → outputs</Table.Th>
              <Table.Th>Digest</Table.Th>
              <Table.Th>Uploaded</Table.Th>
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {model.versions.map((version) => (
              <VersionRow
                key={version.version}
                model={model.id}
                version={version}
                aliases={model.aliases
                  .filter((alias) => alias.version === version.version)
                  .map(({ name }) => name)}
                canEdit={canEdit}
                onAlias={setAliased}
                isChosen={version.version === chosen}
                onChoose={onChoose}
              />
            ))}
          </Table.Tbody>
        </Table>
      )}
      {model.tombstones.map((stone) => (
        <Text key={stone.id} size="xs" c="dimmed" px="md" py={6}>
          v{stone.version} was deleted <Ago iso={stone.deleted_at} />
          {stone.deleted_by ? ` by ${stone.deleted_by}` : ""}; values that it wrote still name it.
        </Text>
      ))}
      {aliased ? <AliasDialog model={model} version={aliased} onClose={() => setAliased(null)} /> : null}
    </Paper>
  );
}
