import { Badge } from "@mantine/core";
import type { Stage } from "@/api/models/change-version";

const COLORS: Record<Stage, string> = { development: "blue", production: "teal", archived: "gray" };

/** How far a version is in its life. */
export function StageBadge({ stage }: { stage: Stage }) {
  return (
    <Badge
      color={COLORS[stage]}
      variant={stage === "archived" ? "outline" : "light"}
      size="sm"
      tt="none"
      fw={550}
      miw="max-content"
    >
      {stage}
    </Badge>
  );
}
