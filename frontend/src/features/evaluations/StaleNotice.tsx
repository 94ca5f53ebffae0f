import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconHistory, IconRefresh } from "@tabler/icons-react";
import { mayOnDataset } from "@/api/access";
import { useRefreshEvaluation } from "@/api/evaluations/refresh-evaluation";
import type { Dataset, Evaluation } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";

/** Says that the figures are not those of the values as they are now, or that they could not be counted. */
export function StaleNotice({ dataset, evaluation }: { dataset: Dataset; evaluation: Evaluation }) {
  const refresh = useRefreshEvaluation(dataset.id, evaluation.id);
  const isOver = ["finished", "failed", "cancelled"].includes(evaluation.state);
  const failed = evaluation.state === "failed" || evaluation.state === "cancelled";
  if (!isOver || !(evaluation.stale || failed)) return <ErrorAlert error={refresh.error} />;
  return (
    <>
      <Alert
        color={failed ? "red" : "yellow"}
        variant="light"
        icon={failed ? <IconAlertTriangle size={18} /> : <IconHistory size={18} />}
        title={failed ? `Counting it ${evaluation.state === "failed" ? "failed" : "was cancelled"}` : "Stale"}
      >
        <Group justify="space-between" gap="md">
          <Text size="sm" flex={1} miw={260}>
            {failed
              ? [evaluation.error, "What is shown, if anything, is of an earlier count."]
                  .filter(Boolean)
                  .join(" ")
              : "Values have changed since this was counted. The figures and the samples behind them are those of then."}
          </Text>
          {mayOnDataset(dataset.access, "label") ? (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconRefresh size={15} stroke={1.7} />}
              loading={refresh.isPending}
              onClick={() => refresh.mutate()}
            >
              Count again
            </Button>
          ) : null}
        </Group>
      </Alert>
      <ErrorAlert error={refresh.error} />
    </>
  );
}
