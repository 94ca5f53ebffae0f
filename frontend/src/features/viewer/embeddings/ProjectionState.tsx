import { Alert, Button, Group, Progress, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconHistory, IconRefresh } from "@tabler/icons-react";
import { mayOnDataset } from "@/api/access";
import { useCreateProjection } from "@/api/projections/create-projection";
import { isComputing } from "@/api/projections/list-projections";
import type { Projection } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { plural } from "@/lib/format";
import { useView } from "../view";

interface Props {
  projection: Projection;
  onMade: (id: number) => void;
}

/** How far a projection is, why there is none, and whether it is still true; nothing where all is well. */
export function ProjectionState({ projection, onMade }: Props) {
  const { dataset } = useView();
  const again = useCreateProjection(dataset.id);
  const { state, done, total, error, field, method, filter, stale } = projection;
  if (isComputing(projection)) {
    const isPlacing = done > 0;
    return (
      <Stack p="md" gap="xs" role="status">
        <Text size="sm">
          {state === "queued"
            ? "Waiting for its turn …"
            : isPlacing
              ? `Placing ${plural(total, "sample")} …`
              : `Reading vectors and fitting ${plural(total, "sample")} …`}
        </Text>
        <Progress
          value={isPlacing ? (100 * done) / Math.max(1, total) : 100}
          animated={!isPlacing}
          aria-label="Progress of the projection"
        />
        <Text size="xs" c="dimmed">
          It can be cancelled in the panel, under Execution.
        </Text>
      </Stack>
    );
  }
  const isBroken = state !== "finished";
  const words: Partial<Record<typeof state, string>> = {
    failed: "It could not be computed",
    cancelled: "It was cancelled",
    paused: "It is paused; resume it under Execution",
  };
  if (!isBroken && !stale) return null;
  return (
    <Alert
      m="xs"
      p="xs"
      color={isBroken ? "red" : "yellow"}
      variant="light"
      icon={isBroken ? <IconAlertTriangle size={18} /> : <IconHistory size={18} />}
      title={isBroken ? (words[state] ?? state) : "Stale"}
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm" flex={1} miw={180}>
          {isBroken ? error : "Vectors have changed since. The points are those of then."}
        </Text>
        {mayOnDataset(dataset.access, "label") && state !== "paused" ? (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconRefresh size={15} stroke={1.7} />}
            loading={again.isPending}
            onClick={() =>
              again.mutate(
                { field, method, filter: filter ?? undefined },
                { onSuccess: ({ id }) => onMade(id) },
              )
            }
          >
            Compute again
          </Button>
        ) : null}
      </Group>
      <ErrorAlert error={again.error} />
    </Alert>
  );
}
