import { Badge, Text } from "@mantine/core";
import type { SchemaChange } from "@/api/types";
import classes from "./models.module.css";

const COLORS = { major: "red", minor: "blue", patch: "gray" } as const;

/** What one schema changes since another, the largest steps first. */
export function SchemaChanges({ changes }: { changes: readonly SchemaChange[] }) {
  if (changes.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing of the schema changes for those who use the model.
      </Text>
    );
  }
  return (
    <ul className={classes.changes}>
      {changes.map(({ step, pointer, message }) => (
        <li key={`${pointer} ${message}`}>
          <Badge color={COLORS[step]} variant="light" size="sm" tt="none">
            {step}
          </Badge>
          <span>
            <code>{pointer}</code> {message}
          </span>
        </li>
      ))}
    </ul>
  );
}
