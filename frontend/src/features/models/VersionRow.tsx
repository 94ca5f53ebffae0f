import { Badge, Button, Group, Table, Text } from "@mantine/core";
import { IconTag } from "@tabler/icons-react";
import type { ModelVersion } from "@/api/types";
import { Ago } from "@/components/Ago";
import { PortBadges } from "./PortBadges";
import { StageBadge } from "./StageBadge";
import { VersionMenu } from "./VersionMenu";

interface Props {
  model: number;
  version: ModelVersion;
  /** The aliases that mean it. */
  aliases: string[];
  canEdit: boolean;
  isChosen: boolean;
  onChoose: (version: string) => void;
  onAlias: (version: string) => void;
}

export function VersionRow({ model, version, aliases, canEdit, isChosen, onChoose, onAlias }: Props) {
  return (
    <Table.Tr bg={isChosen ? "var(--accent-soft)" : undefined}>
      <Table.Td>
        <Group gap={6} wrap="nowrap">
          <Button
            variant="transparent"
            size="compact-sm"
            px={0}
            aria-pressed={isChosen}
            onClick={() => onChoose(version.version)}
          >
            v{version.version}
          </Button>
          <StageBadge stage={version.stage} />
        </Group>
        <Group gap={4}>
          {aliases.map((alias) => (
            <Badge
              key={alias}
              variant="default"
              size="sm"
              tt="none"
              fw={500}
              leftSection={<IconTag size={11} aria-hidden />}
            >
              {alias}
            </Badge>
          ))}
        </Group>
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
          {version.uploaded_by ? ` by ${version.uploaded_by}` : ""}
        </Text>
      </Table.Td>
      <Table.Td>
        {canEdit ? <VersionMenu model={model} version={version} onAlias={onAlias} /> : null}
      </Table.Td>
    </Table.Tr>
  );
}
