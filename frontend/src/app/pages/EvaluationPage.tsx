import { Center, Loader } from "@mantine/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useDataset } from "@/api/datasets/get-dataset";
import { EvaluationPage as Page } from "@/features/evaluations/EvaluationPage";

const ROUTE = "/datasets/$datasetId/evaluations/$evaluationId";

export function EvaluationPage() {
  const { datasetId, evaluationId } = useParams({ from: ROUTE });
  const search = useSearch({ from: ROUTE });
  const navigate = useNavigate({ from: ROUTE });
  const { data: dataset, error } = useDataset(datasetId);
  if (error && !dataset) throw error;
  if (dataset) {
    return (
      <Page
        key={evaluationId}
        dataset={dataset}
        id={evaluationId}
        search={search}
        onSearch={(patch) => navigate({ search: (now) => ({ ...now, ...patch }), replace: true })}
      />
    );
  }
  return (
    <Center h="100%">
      <Loader size="sm" aria-label="Loading the dataset" />
    </Center>
  );
}
