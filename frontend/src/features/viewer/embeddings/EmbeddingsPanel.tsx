import { ActionIcon, Button, Loader, Select, Title, Tooltip } from "@mantine/core";
import { IconChartScatter, IconPlus, IconTrash, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { mayOnDataset } from "@/api/access";
import { useMe } from "@/api/me/get-me";
import { useDeleteProjection } from "@/api/projections/delete-projection";
import { useProjections } from "@/api/projections/list-projections";
import type { Projection } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ErrorAlert } from "@/components/ErrorAlert";
import { ago } from "@/lib/format";
import { useView } from "../view";
import { canColour } from "./colouring";
import { confirmDeletion } from "./confirm-deletion";
import classes from "./embeddings.module.css";
import { NewProjection } from "./NewProjection";
import { ProjectionPlot } from "./ProjectionPlot";
import { ProjectionState } from "./ProjectionState";
import { withoutLoops } from "./term";

const TITLES = { pca: "PCA", umap: "UMAP" };
const NO_COLOUR = "one colour";

/** Beside the grid: the vectors of the dataset's samples as points, to be drawn around. */
export function EmbeddingsPanel({ onRun }: { onRun: () => void }) {
  const { dataset, search, change } = useView();
  const { data: projections, error, refetch } = useProjections(dataset.id);
  const [isNew, setNew] = useState(false);
  const mayLabel = mayOnDataset(dataset.access, "label");
  const hasField = dataset.fields.some(({ type }) => type === "embedding");
  const shown = projections?.find(({ id }) => id === search.embeddings) ?? projections?.[0];
  const show = (id: number) => {
    setNew(false);
    change({ embeddings: id });
  };
  return (
    <section className={classes.panel} aria-label="Embeddings">
      <div className={classes.head}>
        <Title order={2} size="h4">
          Embeddings
        </Title>
        <div className={classes.spacer} />
        {shown && !isNew ? <Choices projections={projections ?? []} shown={shown} onShow={show} /> : null}
        {shown && !isNew && mayLabel && hasField ? (
          <Tooltip label="Another projection">
            <ActionIcon aria-label="Another projection" onClick={() => setNew(true)}>
              <IconPlus size={18} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
        ) : null}
        <Tooltip label="Close">
          <ActionIcon aria-label="Close embeddings" onClick={() => change({ embeddings: undefined })}>
            <IconX size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </div>
      {error ? (
        <ErrorAlert error={error} title="The projections could not be read" onRetry={refetch} />
      ) : null}
      {!projections && !error ? <Loader m="xl" size="sm" aria-label="Loading projections" /> : null}
      {projections && (isNew || (!shown && mayLabel && hasField)) ? (
        <NewProjection onMade={show} onCancel={shown ? () => setNew(false) : undefined} />
      ) : null}
      {projections && !shown && !hasField ? <NoField onRun={mayLabel ? onRun : undefined} /> : null}
      {projections && !shown && hasField && !mayLabel ? (
        <EmptyState
          icon={IconChartScatter}
          title="Nothing is laid out yet"
          text="People who may label this dataset can lay its embeddings out here."
        />
      ) : null}
      {shown && !isNew ? <Shown projection={shown} onMade={show} /> : null}
    </section>
  );
}

function Shown({ projection, onMade }: { projection: Projection; onMade: (id: number) => void }) {
  const { dataset, search } = useView();
  const fields = dataset.fields.filter(canColour);
  const colouring =
    search.points === NO_COLOUR
      ? undefined
      : (fields.find(({ name }) => name === search.points) ??
        fields.find(({ type }) => type === "classification"));
  return (
    <>
      <ProjectionState projection={projection} onMade={onMade} />
      {projection.state === "finished" ? <ProjectionPlot projection={projection} field={colouring} /> : null}
    </>
  );
}

interface ChoicesProps {
  projections: Projection[];
  shown: Projection;
  onShow: (id: number) => void;
}

/** Which projection is shown and what colours it. */
function Choices({ projections, shown, onShow }: ChoicesProps) {
  const { dataset, search, change } = useView();
  const { data: me } = useMe();
  const remove = useDeleteProjection(dataset.id);
  const fields = dataset.fields.filter(canColour);
  const usual = fields.find(({ type }) => type === "classification")?.name ?? NO_COLOUR;
  const mayDelete =
    mayOnDataset(dataset.access, "edit") ||
    (mayOnDataset(dataset.access, "label") && me?.username === shown.created_by);
  return (
    <>
      <Select
        aria-label="Projection"
        size="xs"
        w={190}
        allowDeselect={false}
        data={projections.map((each) => ({
          value: String(each.id),
          label: `${TITLES[each.method]} of ${each.field}${each.filter ? ", filtered" : ""} · ${ago(each.created_at)}`,
        }))}
        value={String(shown.id)}
        onChange={(id) => onShow(Number(id))}
        comboboxProps={{ width: 320, position: "bottom-end" }}
      />
      <Select
        aria-label="Colour points by"
        size="xs"
        w={130}
        allowDeselect={false}
        data={[...fields.map(({ name }) => name), NO_COLOUR]}
        value={search.points ?? usual}
        onChange={(points) => change({ points: points ?? undefined }, { replace: true })}
        comboboxProps={{ width: 220, position: "bottom-end" }}
      />
      {mayDelete ? (
        <Tooltip label="Delete this projection">
          <ActionIcon
            aria-label="Delete this projection"
            loading={remove.isPending}
            onClick={() =>
              confirmDeletion(() =>
                remove.mutate(shown.id, {
                  onSuccess: () =>
                    change(
                      { embeddings: 0, filter: withoutLoops(search.filter, shown.id) },
                      { replace: true },
                    ),
                }),
              )
            }
          >
            <IconTrash size={17} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      ) : null}
    </>
  );
}

function NoField({ onRun }: { onRun?: () => void }) {
  return (
    <EmptyState
      icon={IconChartScatter}
      title="No embeddings yet"
      text="An embedding is a vector that a model makes of each sample, so that alike samples lie close together. Run a packed model with an output of type “embedding”: its field is laid out here, to draw around groups and find what is alike."
    >
      {onRun ? <Button onClick={onRun}>Run models</Button> : null}
    </EmptyState>
  );
}
