import { Button, Paper, Table, Text, Title } from "@mantine/core";
import { useModelRuns } from "@/api/models/list-runs";
import type { Model } from "@/api/types";
import { Ago } from "@/components/Ago";
import { ErrorAlert } from "@/components/ErrorAlert";
import { AnchorLink } from "@/components/links";
import { count, plural } from "@/lib/format";
import classes from "./models.module.css";

/** The datasets that the model was run over, of those that one may see. */
export function RunsPanel({ model }: { model: Model }) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useModelRuns(model.id);
  const runs = data?.pages.flatMap((page) => page.results) ?? [];
  if (error && !data) return <ErrorAlert error={error} onRetry={() => refetch()} />;
  if (runs.length === 0) return null;
  return (
    <Paper withBorder className={classes.panel} component="section" aria-label="Where it was run">
      <div className={classes.panelHead}>
        <Title order={2} size="h3">
          Where it was run
        </Title>
        <Text size="sm" c="dimmed" className="tabular">
          {plural(data?.pages[0]?.count ?? runs.length, "dataset")}
        </Text>
      </div>
      <Table horizontalSpacing="md" aria-label="Datasets it was run over">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Dataset</Table.Th>
            <Table.Th>Jobs</Table.Th>
            <Table.Th>Samples</Table.Th>
            <Table.Th>Versions</Table.Th>
            <Table.Th>Last</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Table.Tr key={run.dataset}>
              <Table.Td>
                <AnchorLink
                  to="/datasets/$datasetId"
                  params={{ datasetId: run.dataset }}
                  search={{ panel: "execution" }}
                >
                  {run.name}
                </AnchorLink>
              </Table.Td>
              <Table.Td className="tabular">{count(run.jobs)}</Table.Td>
              <Table.Td className="tabular">{count(run.samples)}</Table.Td>
              <Table.Td>{run.versions.map((version) => `v${version}`).join(", ") || "–"}</Table.Td>
              <Table.Td>
                {run.last_state}, <Ago iso={run.last_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {hasNextPage ? (
        <Button
          variant="subtle"
          size="compact-sm"
          m="sm"
          onClick={() => fetchNextPage()}
          loading={isFetchingNextPage}
        >
          More datasets
        </Button>
      ) : null}
    </Paper>
  );
}
