import { Badge, Group, HoverCard, List, Text, UnstyledButton } from "@mantine/core";
import type { ImportPreview } from "@/api/types";
import { count, plural } from "@/lib/format";

/** How many samples of the file are known, new, or without an image, and what was strange. */
export function PreviewFacts({ preview }: { preview: ImportPreview }) {
  const { samples, matched, missing, warnings, complete } = preview;
  if (!complete && samples === 0)
    return (
      <Text size="sm" c="dimmed" role="status" aria-label="What the file holds" maw={420}>
        {warnings.join(" ")}
      </Text>
    );
  return (
    <Group gap={6} role="status" aria-label="What the file holds">
      <Text size="sm" fw={600} className="tabular">
        {complete ? "" : "the first "}
        {plural(samples, "sample")}
      </Text>
      <Badge variant="light" color="teal" tt="none">
        {count(matched)} matched
      </Badge>
      <Badge variant="light" color="blue" tt="none">
        {count(preview.new)} new
      </Badge>
      <Told label={`${count(missing.count)} without an image`} lines={missing.names} />
      <Told label={plural(warnings.length, "warning")} lines={warnings} />
    </Group>
  );
}

const SHOWN = 12;

function Told({ label, lines }: { label: string; lines: string[] }) {
  if (lines.length === 0) return null;
  return (
    <HoverCard width={380} position="bottom-end" shadow="md">
      <HoverCard.Target>
        <UnstyledButton>
          <Badge variant="light" color="yellow" tt="none" style={{ cursor: "help" }}>
            {label}
          </Badge>
        </UnstyledButton>
      </HoverCard.Target>
      <HoverCard.Dropdown>
        <List size="sm">
          {lines.slice(0, SHOWN).map((line) => (
            <List.Item key={line} style={{ overflowWrap: "anywhere" }}>
              {line}
            </List.Item>
          ))}
        </List>
        {lines.length > SHOWN ? (
          <Text size="sm" c="dimmed">
            … and more; the report has them all.
          </Text>
        ) : null}
      </HoverCard.Dropdown>
    </HoverCard>
  );
}
