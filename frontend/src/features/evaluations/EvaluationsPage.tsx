import { Button, Loader, Paper, Table, VisuallyHidden } from "@mantine/core";
import { useDisclosure, useDocumentTitle } from "@mantine/hooks";
import { IconPlus, IconReportAnalytics } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { mayOnDataset } from "@/api/access";
import { useEvaluations } from "@/api/evaluations/list-evaluations";
import type { Dataset } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ErrorAlert } from "@/components/ErrorAlert";
import { Page } from "@/components/Page";
import type { Filter } from "@/lib/filter";
import { EvaluationRow } from "./EvaluationRow";
import classes from "./evaluations.module.css";
import { NewEvaluationDialog } from "./NewEvaluationDialog";

interface Props {
  dataset: Dataset;
  /** Of the view that one came from. */
  filter: Filter | undefined;
}

/** The evaluations of a dataset, newest first. */
export function EvaluationsPage({ dataset, filter }: Props) {
  const evaluations = useEvaluations(dataset.id);
  const [creating, dialog] = useDisclosure(false);
  const navigate = useNavigate();
  useDocumentTitle(`Evaluations of ${dataset.name} · Samplecase`);
  const mayMake = mayOnDataset(dataset.access, "label");
  const make = (
    <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
      New evaluation
    </Button>
  );

  return (
    <Page
      title={
        <>
          <Link
            to="/datasets/$datasetId"
            params={{ datasetId: dataset.id }}
            search={{ filter }}
            className={classes.crumb}
          >
            {dataset.name}
          </Link>
          <br />
          Evaluations
        </>
      }
      subtitle="Predictions counted against the ground truth, and the samples behind every figure."
      actions={mayMake ? make : null}
    >
      <ErrorAlert error={evaluations.error} onRetry={() => evaluations.refetch()} />
      {evaluations.isPending ? <Loader aria-label="Loading evaluations" /> : null}
      {evaluations.data?.length === 0 ? (
        <EmptyState
          icon={IconReportAnalytics}
          title="No evaluations yet"
          text="Compare a field of predictions with the ground truth: metrics, a confusion matrix whose cells open the samples, and curves."
        >
          {mayMake ? make : null}
        </EmptyState>
      ) : null}
      {evaluations.data && evaluations.data.length > 0 ? (
        <Paper withBorder className={`${classes.panel} ${classes.flush}`}>
          <Table.ScrollContainer minWidth={820} type="native">
            <Table highlightOnHover horizontalSpacing="md" verticalSpacing="sm">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Predictions against ground truth</Table.Th>
                  <Table.Th>Type</Table.Th>
                  <Table.Th ta="right">Result</Table.Th>
                  <Table.Th ta="right">Samples</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Made</Table.Th>
                  <Table.Th w={48}>
                    <VisuallyHidden>Actions</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {evaluations.data.map((evaluation) => (
                  <EvaluationRow key={evaluation.id} dataset={dataset} evaluation={evaluation} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Paper>
      ) : null}
      <NewEvaluationDialog
        dataset={dataset}
        filter={filter}
        opened={creating}
        onClose={dialog.close}
        onMade={(id) =>
          navigate({
            to: "/datasets/$datasetId/evaluations/$evaluationId",
            params: { datasetId: dataset.id, evaluationId: id },
          })
        }
      />
    </Page>
  );
}
