import { Button, Group, Stack, Text } from "@mantine/core";
import type { Proposal } from "@/api/types";
import { SchemaChanges } from "./SchemaChanges";

interface Props {
  proposal: Proposal;
  /** The version that the package itself names. */
  named: string | null;
  onTake: (version: string) => void;
}

/** The number that the schema asks for, and why; the author's own choice goes before it. */
export function ProposedVersion({ proposal, named, onTake }: Props) {
  const { version, since, step, changes } = proposal;
  if (since === null) return null;
  return (
    <Stack gap={6} component="section" aria-label="Proposed version">
      <Group gap="xs">
        <Text size="sm">
          Proposed: <b>{version}</b>, a {step} step since v{since}
          {named && named !== version ? `; the package says ${named}` : ""}
        </Text>
        <Button variant="default" size="compact-xs" onClick={() => onTake(version)}>
          Take {version}
        </Button>
      </Group>
      <SchemaChanges changes={changes} />
    </Stack>
  );
}
