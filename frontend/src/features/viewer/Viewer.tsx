import { Button, Center, Loader } from "@mantine/core";
import { IconFilterOff, IconPhotoPlus } from "@tabler/icons-react";
import { type ReactNode, useCallback, useMemo } from "react";
import { mayOnDataset } from "@/api/access";
import { useSamples } from "@/api/samples/list-samples";
import { EmptyState } from "@/components/EmptyState";
import { ErrorAlert } from "@/components/ErrorAlert";
import { ActionsRow } from "./actions/ActionsRow";
import { DatasetHeader } from "./DatasetHeader";
import { EmbeddingsPanel } from "./embeddings/EmbeddingsPanel";
import { SampleGrid } from "./grid/SampleGrid";
import { LabellingProvider } from "./labelling/context";
import { DraftsOffer } from "./labelling/DraftsOffer";
import { usePanelOpen } from "./panel-open";
import { ReviewModal } from "./review/ReviewModal";
import { SidePanel } from "./SidePanel";
import { SampleModal } from "./sample/SampleModal";
import { useViewFacets } from "./use-view-facets";
import { useView } from "./view";
import classes from "./viewer.module.css";

interface Props {
  execution: ReactNode;
  running: number;
  onRun: () => void;
  onUpload: () => void;
  /** What else is offered in the header. */
  menu?: ReactNode;
}

/** A dataset's page: header, actions, grid, and the panel on the right. */
export function Viewer({ execution, running, onRun, onUpload, menu }: Props) {
  const { dataset, search, change } = useView();
  const [panelOpen, setPanelOpen] = usePanelOpen();
  const query = useSamples(dataset, search);
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, isPlaceholderData } = query;
  const facets = useViewFacets();
  const samples = useMemo(() => data?.pages.flatMap((page) => page.results) ?? [], [data]);
  const total = search.filter
    ? facets.isPlaceholderData
      ? null
      : (facets.data?.total ?? null)
    : dataset.sample_count;
  const onMore = useCallback(() => {
    if (!isFetchingNextPage) fetchNextPage();
  }, [isFetchingNextPage, fetchNextPage]);
  const list = { samples, hasMore: hasNextPage, onMore };

  return (
    <LabellingProvider>
      <div className={classes.page}>
        <DatasetHeader
          dataset={dataset}
          menu={menu}
          panelOpen={panelOpen}
          onPanel={() => setPanelOpen((now) => !now)}
        />
        {search.sample === undefined ? <DraftsOffer /> : null}
        <ActionsRow total={total} onRun={onRun} onUpload={onUpload} />
        <div className={classes.columns}>
          <section className={classes.grid} aria-label="Samples">
            {error ? (
              <Center p="xl">
                <ErrorAlert
                  error={error}
                  title="These samples could not be read"
                  onRetry={() => query.refetch()}
                />
              </Center>
            ) : null}
            {query.isPending ? (
              <Center h="100%">
                <Loader size="sm" aria-label="Loading samples" />
              </Center>
            ) : null}
            {data && samples.length > 0 ? <SampleGrid {...list} isStale={isPlaceholderData} /> : null}
            {data && samples.length === 0 && search.filter ? (
              <EmptyState
                icon={IconFilterOff}
                title="No sample matches"
                text="No sample of this dataset meets all filters."
              >
                <Button variant="default" onClick={() => change({ filter: undefined })}>
                  Reset all filters
                </Button>
              </EmptyState>
            ) : null}
            {data && samples.length === 0 && !search.filter ? (
              <EmptyState
                icon={IconPhotoPlus}
                title="No samples yet"
                text="Upload images, or a zip of them. With a folder per class in the zip, the folder names can become labels."
              >
                {mayOnDataset(dataset.access, "label") ? (
                  <Button onClick={onUpload}>Upload images</Button>
                ) : null}
              </EmptyState>
            ) : null}
          </section>
          {search.embeddings === undefined ? null : <EmbeddingsPanel onRun={onRun} />}
          {panelOpen ? <SidePanel execution={execution} running={running} /> : null}
        </div>
        <SampleModal {...list} total={total} />
        <ReviewModal />
      </div>
    </LabellingProvider>
  );
}
