import { Button, Text, Tooltip } from "@mantine/core";
import { IconBriefcase2, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { mayOnDataset } from "@/api/access";
import { count, plural } from "@/lib/format";
import { GridLabelling } from "../labelling/GridLabelling";
import { ReviewMenu } from "../review/ReviewMenu";
import { useViewFacets } from "../use-view-facets";
import { useView } from "../view";
import classes from "./actions.module.css";
import { BulkButtons } from "./bulk/BulkButtons";
import { BulkDialog, type BulkKind } from "./bulk/BulkDialog";
import { ColourToggle } from "./ColourToggle";
import { SelectMenu } from "./SelectMenu";
import { SortMenu } from "./SortMenu";
import { ViewsMenu } from "./views/ViewsMenu";
import { ZoomSlider } from "./ZoomSlider";

interface Props {
  /** Samples in the view; null while it is being counted. */
  total: number | null;
  onRun: () => void;
  onUpload: () => void;
}

/** Above the grid: what is in the view, how it is ordered and sized, and what can be done with it. */
export function ActionsRow({ total, onRun, onUpload }: Props) {
  const { dataset } = useView();
  const [bulk, setBulk] = useState<BulkKind | null>(null);
  const mayLabel = mayOnDataset(dataset.access, "label");
  return (
    <div className={classes.row} role="toolbar" aria-label="View">
      <Tooltip label="Run models on samples">
        <Button
          leftSection={<IconBriefcase2 size={18} stroke={1.7} />}
          onClick={onRun}
          disabled={!mayLabel || dataset.sample_count === 0}
          aria-label="Run models on samples"
        >
          Run models
        </Button>
      </Tooltip>
      {mayLabel ? (
        <Button
          className={classes.compact}
          variant="default"
          title="Upload"
          leftSection={<IconUpload size={16} stroke={1.7} />}
          onClick={onUpload}
        >
          <span className={classes.word}>Upload</span>
        </Button>
      ) : null}
      <ViewsMenu />
      <ReviewMenu />
      <BulkButtons onOpen={setBulk} />
      <GridLabelling />
      <SelectMenu onBulk={setBulk} onRun={onRun} />
      <div className={classes.spacer} />
      <Total total={total} />
      <ColourToggle />
      <SortMenu />
      <ZoomSlider />
      <BulkDialog kind={bulk} onClose={() => setBulk(null)} />
    </div>
  );
}

function Total({ total }: { total: number | null }) {
  const { dataset, search } = useView();
  const isEstimate = useViewFacets().data?.exact === false;
  return (
    <Text size="sm" className={classes.total} aria-live="polite" data-testid="sample-count">
      {search.filter && isEstimate && total !== null ? "≈ " : ""}
      {total === null ? "…" : plural(total, "sample")}
      {search.filter && total !== null ? (
        <Text span c="dimmed">
          {" "}
          of {count(dataset.sample_count)}
        </Text>
      ) : null}
    </Text>
  );
}
