import { Badge, Loader } from "@mantine/core";
import type { DeploymentState } from "@/api/types";

const COLORS: Record<DeploymentState, string> = {
  pending: "gray",
  building: "blue",
  ready: "teal",
  failed: "red",
  stopped: "gray",
};

/** Where a deployment stands; turning while it is on its way. */
export function StateBadge({ state, count = 1 }: { state: DeploymentState; count?: number }) {
  const isMoving = state === "pending" || state === "building";
  return (
    <Badge
      color={COLORS[state]}
      variant={state === "stopped" ? "outline" : "light"}
      tt="none"
      fw={550}
      style={{ flex: "none" }}
      miw="max-content"
      leftSection={isMoving ? <Loader size={10} color={COLORS[state]} /> : null}
    >
      {count > 1 ? `${count} ${state}` : state}
    </Badge>
  );
}
