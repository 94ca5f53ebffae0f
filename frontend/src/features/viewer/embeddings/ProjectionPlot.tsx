import { Button, Loader, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { usePoints } from "@/api/projections/get-points";
import type { Field, Points, Projection } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { count, percent, plural } from "@/lib/format";
import { useView } from "../view";
import { coloursOf } from "./colouring";
import classes from "./embeddings.module.css";
import { chosenBy } from "./geometry";
import { Legend } from "./Legend";
import { Scatter } from "./Scatter";
import { loopsOf, withLoop, withoutLoops } from "./term";
import type { Tool } from "./use-scatter";

const METHODS = { pca: "PCA", umap: "UMAP" };

/** The points of a projection, what is chosen of them, and what the colours mean. */
export function ProjectionPlot({ projection, field }: { projection: Projection; field: Field | undefined }) {
  const { dataset, search, change } = useView();
  const [tool, setTool] = useState<Tool>("lasso");
  const filter = withoutLoops(search.filter, projection.id);
  const { data, error, refetch } = usePoints(dataset.id, {
    projection: projection.id,
    filter,
    colour: field?.name,
  });
  const drawn = JSON.stringify(loopsOf(search.filter, projection.id));
  const loops = useMemo(() => JSON.parse(drawn) as ReturnType<typeof loopsOf>, [drawn]);
  const colours = useMemo(() => (data ? coloursOf(data, field) : null), [data, field]);
  const chosen = useMemo(() => (data && loops.length > 0 ? chosenBy(data, loops) : null), [data, loops]);
  if (error) return <ErrorAlert error={error} title="The points could not be read" onRetry={refetch} />;
  if (!data || !colours) return <Loader m="xl" size="sm" aria-label="Loading points" />;
  const number = chosen?.reduce((sum, each) => sum + each, 0);
  const clear = () => change({ filter });
  return (
    <>
      <Scatter
        // Another projection is another plane: what was zoomed to means nothing there.
        key={projection.id}
        points={data}
        colours={colours}
        chosen={chosen}
        loops={loops}
        tool={tool}
        onTool={setTool}
        label={`Scatter plot: ${summary(projection, data)}`}
        onDrawn={(corners, mode) => change({ filter: withLoop(search.filter, projection.id, corners, mode) })}
        onClear={clear}
        onOpen={(sample) => change({ sample })}
      />
      <div className={classes.foot}>
        <div className={classes.summary}>
          <Text size="xs" c="dimmed" flex={1}>
            {summary(projection, data)}
          </Text>
          {number === undefined ? null : (
            <>
              <Text size="xs" fw={600} aria-live="polite" data-testid="points-chosen">
                {count(number)} chosen
              </Text>
              <Button size="compact-xs" variant="subtle" leftSection={<IconX size={14} />} onClick={clear}>
                Clear
              </Button>
            </>
          )}
        </div>
        {field ? <Legend points={data} field={field} /> : null}
      </div>
    </>
  );
}

/** What is seen, in a sentence. */
function summary({ method, field, explained, samples, vectors }: Projection, points: Points): string {
  const [x, y] = explained;
  const shown = points.samples.length;
  return [
    `${METHODS[method]} of ${field}, ${plural(points.total, "sample")}${points.total < samples ? " of this view" : ""}.`,
    shown < points.total ? `${count(shown)} evenly drawn ones are shown.` : "",
    vectors !== null && samples < vectors ? `Evenly drawn from ${count(vectors)} vectors.` : "",
    x !== undefined && y !== undefined
      ? `x explains ${percent(x, 1)} and y ${percent(y, 1)} of the variance.`
      : "",
  ]
    .filter(Boolean)
    .join(" ");
}
