import { ActionIcon, Menu, Table, Text } from "@mantine/core";
import { IconDots, IconTrash } from "@tabler/icons-react";
import { mayOnDataset } from "@/api/access";
import { useDeleteEvaluation } from "@/api/evaluations/delete-evaluation";
import { useMe } from "@/api/me/get-me";
import type { Dataset, Evaluation } from "@/api/types";
import { Ago } from "@/components/Ago";
import { AnchorLink } from "@/components/links";
import { count } from "@/lib/format";
import { confirmDeletion } from "./confirm-deletion";
import classes from "./evaluations.module.css";
import { keyMetric, shown, words } from "./metric-words";
import { StateBadge } from "./StateBadge";

export function EvaluationRow({ dataset, evaluation }: { dataset: Dataset; evaluation: Evaluation }) {
  const { id, predictions, ground_truth, type, metrics, samples, filter, created_by, created_at } =
    evaluation;
  const key = keyMetric(metrics);
  return (
    <Table.Tr>
      <Table.Td maw={420}>
        <AnchorLink
          to="/datasets/$datasetId/evaluations/$evaluationId"
          params={{ datasetId: dataset.id, evaluationId: id }}
          fw={600}
          c="var(--mantine-color-text)"
          style={{ overflowWrap: "anywhere" }}
        >
          {predictions} against {ground_truth}
        </AnchorLink>
        {filter ? (
          <Text c="dimmed" className={classes.filter} title={JSON.stringify(filter)}>
            {JSON.stringify(filter)}
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td c="dimmed">{type}</Table.Td>
      <Table.Td ta="right" className="tabular" style={{ whiteSpace: "nowrap" }}>
        {key ? (
          <>
            <Text span size="sm" c="dimmed">
              {words(key).name}{" "}
            </Text>
            <Text span fw={600}>
              {shown(key, metrics[key] ?? 0)}
            </Text>
          </>
        ) : (
          "–"
        )}
      </Table.Td>
      <Table.Td ta="right" className="tabular">
        {samples === null ? "–" : count(samples)}
      </Table.Td>
      <Table.Td>
        <StateBadge evaluation={evaluation} />
      </Table.Td>
      <Table.Td c="dimmed" style={{ whiteSpace: "nowrap" }}>
        <Ago iso={created_at} />
        {created_by ? ` by ${created_by}` : null}
      </Table.Td>
      <Table.Td>
        <RowMenu dataset={dataset} evaluation={evaluation} />
      </Table.Td>
    </Table.Tr>
  );
}

function RowMenu({ dataset, evaluation }: { dataset: Dataset; evaluation: Evaluation }) {
  const remove = useDeleteEvaluation(dataset.id);
  const { data: me } = useMe();
  const isOwn = evaluation.created_by === me?.username && mayOnDataset(dataset.access, "label");
  if (!isOwn && !mayOnDataset(dataset.access, "edit")) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`Actions for evaluation ${evaluation.id}`}>
          <IconDots size={18} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} stroke={1.6} />}
          onClick={() => confirmDeletion(() => remove.mutate(evaluation.id))}
        >
          Delete…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
