import { Center, Loader } from "@mantine/core";
import { useDisclosure, useDocumentTitle } from "@mantine/hooks";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { useDataset } from "@/api/datasets/get-dataset";
import { isMoving, useDatasetJobs } from "@/api/jobs/list-jobs";
import { useFacets } from "@/api/samples/get-facets";
import type { Dataset } from "@/api/types";
import { ExchangeMenu } from "@/features/exchange/ExchangeMenu";
import { ExecutionPanel } from "@/features/jobs/ExecutionPanel";
import { useJobEffects } from "@/features/jobs/use-job-effects";
import { SuitcaseDialog } from "@/features/suitcase/SuitcaseDialog";
import { usePanelOpen } from "@/features/viewer/panel-open";
import { useSelection } from "@/features/viewer/selection";
import { UploadDialog } from "@/features/viewer/upload/UploadDialog";
import { Viewer } from "@/features/viewer/Viewer";
import { type View, ViewProvider } from "@/features/viewer/view";

export function DatasetPage() {
  const { datasetId } = useParams({ from: "/datasets/$datasetId" });
  const { data: dataset, error } = useDataset(datasetId);
  if (error && !dataset) throw error;
  if (dataset) return <Loaded key={datasetId} dataset={dataset} />;
  return (
    <Center h="100%">
      <Loader size="sm" aria-label="Loading the dataset" />
    </Center>
  );
}

/** Puts the page's parts together: viewer, suitcase, jobs and upload know the dataset, not each other. */
function Loaded({ dataset }: { dataset: Dataset }) {
  const search = useSearch({ from: "/datasets/$datasetId" });
  const navigate = useNavigate({ from: "/datasets/$datasetId" });
  const selection = useSelection();
  const [, setPanelOpen] = usePanelOpen();
  const [running, run] = useDisclosure(false);
  const [uploading, upload] = useDisclosure(false);
  const { data: jobs = [] } = useDatasetJobs(dataset.id);
  const facets = useFacets(dataset.id, search.filter);
  useJobEffects(dataset.id);
  useDocumentTitle(`${dataset.name} · Samplecase`);

  const change: View["change"] = useCallback(
    (patch, { replace = false } = {}) => {
      navigate({ search: (now) => ({ ...now, ...patch }), replace });
    },
    [navigate],
  );

  function showExecution() {
    setPanelOpen(true);
    change({ panel: "execution" });
  }

  return (
    <ViewProvider dataset={dataset} search={search} change={change} selection={selection}>
      <Viewer
        running={jobs.filter(isMoving).length}
        execution={<ExecutionPanel dataset={dataset.id} onOpenSample={(sample) => change({ sample })} />}
        onRun={run.open}
        onUpload={upload.open}
        menu={
          <ExchangeMenu
            dataset={dataset}
            filter={search.filter}
            filtered={facets.data?.total ?? null}
            selected={selection.ids}
            onStarted={showExecution}
          />
        }
      />
      <SuitcaseDialog
        opened={running}
        onClose={run.close}
        dataset={dataset}
        filter={search.filter}
        filtered={facets.data?.total ?? null}
        selected={selection.ids}
        onSubmitted={() => {
          run.close();
          showExecution();
        }}
      />
      <UploadDialog dataset={dataset.id} opened={uploading} onClose={upload.close} />
    </ViewProvider>
  );
}
