import { Paper, Table, Title } from "@mantine/core";
import { useDatasets } from "@/api/datasets/list-datasets";
import { useModelJobs } from "@/api/jobs/list-model-jobs";
import type { Model } from "@/api/types";
import { Ago } from "@/components/Ago";
import { AnchorLink } from "@/components/links";
import { count } from "@/lib/format";
import classes from "./models.module.css";
import { runsByDataset } from "./runs";

/** The datasets that the model was run over, of those that one may see. */
export function RunsPanel({ model }: { model: Model }) {
  const jobs = useModelJobs(model.id);
  const { data: datasets = [] } = useDatasets();
  const runs = runsByDataset(jobs.data?.results ?? []);
  if (runs.length === 0) return null;
  return (
    <Paper withBorder className={classes.panel} component="section" aria-label="Where it was run">
      <div className={classes.panelHead}>
        <Title order={2} size="h3">
          Where it was run
        </Title>
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
          {runs.map(({ dataset, jobs: number, samples, versions, last }) => (
            <Table.Tr key={dataset}>
              <Table.Td>
                <AnchorLink
                  to="/datasets/$datasetId"
                  params={{ datasetId: dataset }}
                  search={{ panel: "execution" }}
                >
                  {datasets.find(({ id }) => id === dataset)?.name ?? `Dataset ${dataset}`}
                </AnchorLink>
              </Table.Td>
              <Table.Td className="tabular">{count(number)}</Table.Td>
              <Table.Td className="tabular">{count(samples)}</Table.Td>
              <Table.Td>{versions.map((version) => `v${version}`).join(", ") || "–"}</Table.Td>
              <Table.Td>
                {last.state}, <Ago iso={last.created_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}
