import { Badge, Tooltip } from "@mantine/core";
import type { JsonSchema } from "@/api/types";

/** The inputs or outputs of a schema: a chip each, its name and type. */
export function PortBadges({ schema }: { schema: JsonSchema }) {
  return Object.entries(schema.properties ?? {}).map(([name, port]) => (
    <Tooltip key={name} label={`${name}: ${port.type ?? "any"}`}>
      <Badge variant="default" tt="none" fw={450} radius="sm">
        {name} <span style={{ color: "var(--ink-muted)" }}>{port.type}</span>
      </Badge>
    </Tooltip>
  ));
}
