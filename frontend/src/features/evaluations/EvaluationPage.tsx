import { Alert, Center, Loader, Paper, Progress, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useEvaluationDetail } from "@/api/evaluations/get-evaluation";
import { isCounting } from "@/api/evaluations/list-evaluations";
import type { Dataset } from "@/api/types";
import { Page } from "@/components/Page";
import type { EvaluationSearch } from "@/lib/evaluation-search";
import { count } from "@/lib/format";
import { ClassTable } from "./ClassTable";
import { ConfusionMatrix } from "./ConfusionMatrix";
import { Crumbs } from "./Crumbs";
import { Curves } from "./Curves";
import { EvaluationActions } from "./EvaluationActions";
import classes from "./evaluations.module.css";
import { Facts } from "./Facts";
import { MetricCards } from "./MetricCards";
import { StaleNotice } from "./StaleNotice";
import { VerdictLinks } from "./VerdictLinks";

interface Props {
  dataset: Dataset;
  id: number;
  search: EvaluationSearch;
  onSearch: (patch: EvaluationSearch) => void;
}

/** One evaluation: its metrics, who was taken for whom, curves and classes; beside another one if that is chosen. */
export function EvaluationPage({ dataset, id, search, onSearch }: Props) {
  const { data: evaluation, error } = useEvaluationDetail(dataset.id, id);
  const { data: found } = useEvaluationDetail(dataset.id, search.compare);
  const other = search.compare === undefined ? undefined : found;
  useDocumentTitle(`Evaluation of ${evaluation?.predictions ?? dataset.name} · Samplecase`);
  if (error && !evaluation) throw error;
  if (!evaluation) {
    return (
      <Center h="100%">
        <Loader size="sm" aria-label="Loading the evaluation" />
      </Center>
    );
  }
  const counting = isCounting(evaluation);
  const hasResults = Object.keys(evaluation.metrics).length > 0;
  // Where there is room beside the matrix.
  const isBeside = !other && evaluation.curves.length === 0 && evaluation.confusion.classes.length > 0;
  const table =
    evaluation.per_class.length > 0 ? (
      <Paper component="section" withBorder className={`${classes.panel} ${classes.flush}`}>
        <Title order={2} size="h3" px="md" pt="sm">
          Classes
        </Title>
        <ClassTable
          dataset={dataset}
          evaluation={evaluation}
          other={other}
          sort={search.sort}
          onSort={(sort) => onSearch({ sort })}
        />
      </Paper>
    ) : null;
  const both = other ? [evaluation, other] : [evaluation];

  return (
    <Page
      title={<Crumbs dataset={dataset} evaluation={evaluation} />}
      subtitle={<Facts dataset={dataset} evaluation={evaluation} />}
      actions={
        <EvaluationActions
          dataset={dataset}
          evaluation={evaluation}
          compare={search.compare}
          onCompare={(compare) => onSearch({ compare })}
        />
      }
    >
      <Stack gap="md">
        <StaleNotice dataset={dataset} evaluation={evaluation} />
        {counting ? (
          <Paper withBorder className={classes.panel}>
            <Text size="sm" mb={6} className="tabular" role="status">
              {evaluation.state === "queued"
                ? "Waiting for a worker …"
                : `Counting: ${count(evaluation.done)} of ${count(evaluation.total)} samples`}
            </Text>
            <Progress
              aria-label="Samples counted"
              value={evaluation.total > 0 ? (evaluation.done / evaluation.total) * 100 : 0}
            />
          </Paper>
        ) : null}
        {!counting && !hasResults && evaluation.state === "finished" ? (
          <Alert color="gray" title="Nothing to compare">
            No sample of this evaluation has a value in both fields.
          </Alert>
        ) : null}
        {hasResults ? <MetricCards metrics={evaluation.metrics} other={other?.metrics} /> : null}
        {evaluation.confusion.classes.length > 0 || evaluation.curves.length > 0 ? (
          <div className={classes.columns}>
            {both.map((each) =>
              each.confusion.classes.length > 0 ? (
                <Paper key={each.id} component="section" withBorder className={classes.panel}>
                  <Title order={2} size="h3" mb="xs">
                    Confusion matrix{other ? ` of ${each.predictions}` : ""}
                  </Title>
                  <VerdictLinks dataset={dataset} evaluation={each} />
                  <ConfusionMatrix dataset={dataset} evaluation={each} />
                </Paper>
              ) : null,
            )}
            {evaluation.curves.length > 0 ? (
              <Paper component="section" withBorder className={classes.panel}>
                <Title order={2} size="h3" mb="xs">
                  Precision and recall
                </Title>
                <Curves
                  dataset={dataset}
                  evaluation={evaluation}
                  other={other}
                  picked={search.curve}
                  onPick={(curve) => onSearch({ curve })}
                />
              </Paper>
            ) : null}
            {isBeside ? table : null}
          </div>
        ) : null}
        {isBeside ? null : table}
      </Stack>
    </Page>
  );
}
