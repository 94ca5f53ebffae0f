import { Center, Loader } from "@mantine/core";
import { useParams, useSearch } from "@tanstack/react-router";
import { useDataset } from "@/api/datasets/get-dataset";
import { EvaluationsPage as Page } from "@/features/evaluations/EvaluationsPage";

export function EvaluationsPage() {
  const { datasetId } = useParams({ from: "/datasets/$datasetId/evaluations" });
  const { filter } = useSearch({ from: "/datasets/$datasetId/evaluations" });
  const { data: dataset, error } = useDataset(datasetId);
  if (error && !dataset) throw error;
  if (dataset) return <Page key={datasetId} dataset={dataset} filter={filter} />;
  return (
    <Center h="100%">
      <Loader size="sm" aria-label="Loading the dataset" />
    </Center>
  );
}
