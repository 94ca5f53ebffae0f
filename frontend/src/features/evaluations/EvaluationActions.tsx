import { Button, Select } from "@mantine/core";
import { IconRefresh, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { mayOnDataset } from "@/api/access";
import { useDeleteEvaluation } from "@/api/evaluations/delete-evaluation";
import { isCounting, useEvaluations } from "@/api/evaluations/list-evaluations";
import { useRefreshEvaluation } from "@/api/evaluations/refresh-evaluation";
import { useMe } from "@/api/me/get-me";
import type { Dataset, Evaluation } from "@/api/types";
import { dateTime } from "@/lib/format";
import { confirmDeletion } from "./confirm-deletion";

interface Props {
  dataset: Dataset;
  evaluation: Evaluation;
  compare: number | undefined;
  onCompare: (id: number | undefined) => void;
}

export function EvaluationActions({ dataset, evaluation, compare, onCompare }: Props) {
  const { data: evaluations = [] } = useEvaluations(dataset.id);
  const { data: me } = useMe();
  const navigate = useNavigate();
  const refresh = useRefreshEvaluation(dataset.id, evaluation.id);
  const remove = useDeleteEvaluation(dataset.id);
  const mayLabel = mayOnDataset(dataset.access, "label");
  const mayDelete =
    mayOnDataset(dataset.access, "edit") || (mayLabel && evaluation.created_by === me?.username);
  const others = evaluations.filter(
    ({ id, type, state }) => id !== evaluation.id && type === evaluation.type && state === "finished",
  );
  return (
    <>
      {others.length > 0 ? (
        <Select
          aria-label="Compare with"
          placeholder="Compare with …"
          clearable
          clearButtonProps={{ "aria-label": "Compare with nothing" }}
          w={270}
          data={others.map(({ id, predictions, created_at }) => ({
            value: String(id),
            label: `${predictions}, ${dateTime(created_at)}`,
          }))}
          value={compare === undefined ? null : String(compare)}
          onChange={(value) => onCompare(value === null ? undefined : Number(value))}
        />
      ) : null}
      {mayLabel ? (
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} stroke={1.7} />}
          disabled={isCounting(evaluation)}
          loading={refresh.isPending}
          onClick={() => refresh.mutate()}
        >
          Refresh
        </Button>
      ) : null}
      {mayDelete ? (
        <Button
          variant="default"
          leftSection={<IconTrash size={16} stroke={1.7} />}
          onClick={() =>
            confirmDeletion(() =>
              remove.mutate(evaluation.id, {
                onSuccess: () =>
                  navigate({ to: "/datasets/$datasetId/evaluations", params: { datasetId: dataset.id } }),
              }),
            )
          }
        >
          Delete…
        </Button>
      ) : null}
    </>
  );
}
