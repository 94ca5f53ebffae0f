import { Button, Group, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Model } from "@/api/types";
import { Ago } from "@/components/Ago";
import { count } from "@/lib/format";
import { firstWords } from "./first-words";
import classes from "./models.module.css";
import { StateBadge } from "./StateBadge";
import { TagBadges } from "./TagBadges";

interface Props {
  model: Model;
  onTag: (tag: string) => void;
  onOwner: () => void;
}

export function ModelRow({ model, onTag, onOwner }: Props) {
  const states = [...new Set(model.deployments.map((deployment) => deployment.state))];
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="xs" maw={560}>
          <Link to="/models/$modelId" params={{ modelId: model.id }} className={classes.name}>
            {model.name}
          </Link>
          <TagBadges tags={model.tags} onClick={onTag} />
        </Group>
        <Text size="sm" c="dimmed" lineClamp={1} maw={560}>
          {firstWords(model.description) || "No description"}
        </Text>
      </Table.Td>
      <Table.Td>
        {model.versions[0] ? (
          <Text size="sm" className="tabular">
            v{model.versions[0].version}
            <Text span c="dimmed">
              {model.version_count > 1 ? ` of ${count(model.version_count)}` : ""}
            </Text>
          </Text>
        ) : (
          <Text size="sm" c="dimmed">
            None
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Group gap={4}>
          {states.map((state) => (
            <StateBadge
              key={state}
              state={state}
              count={model.deployments.filter((each) => each.state === state).length}
            />
          ))}
          {states.length === 0 ? (
            <Text size="sm" c="dimmed">
              None
            </Text>
          ) : null}
        </Group>
      </Table.Td>
      <Table.Td>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          mx={-8}
          onClick={onOwner}
          aria-label={`Models of ${model.owner}`}
        >
          {model.owner}
        </Button>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{model.access === "owner" ? "edit" : model.access}</Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}>
          {model.updated_at ? <Ago iso={model.updated_at} /> : null}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}
