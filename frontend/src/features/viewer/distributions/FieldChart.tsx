import type { Bin, Field, FieldFacet } from "@/api/types";
import { hasLabels } from "@/components/values/labels";
import { colourOf, labelColour } from "@/lib/colours";
import { rangeOf, withRange } from "@/lib/conditions";
import { picked, toggled } from "@/lib/filter";
import { number, plural } from "@/lib/format";
import { useView } from "../view";
import { coarser } from "./coarser";
import classes from "./distributions.module.css";
import { Histogram } from "./Histogram";
import { LabelBars } from "./LabelBars";

const HEIGHT = 84;
// As many as a finger can tell apart in the panel.
const BARS = 10;

/** What a field holds: its labels, their confidence, or its numbers. */
export function FieldChart({ field, facet }: { field: Field; facet: FieldFacet }) {
  const { search, change } = useView();
  const isLabelled = hasLabels(field.type);
  const path = isLabelled ? `${field.name}.label` : field.name;
  const colour = (label: string) => (isLabelled ? labelColour(label, field) : colourOf(field.name));
  return (
    <section className={classes.chart} aria-label={field.name}>
      <h2 className={classes.chartHead}>
        {field.name} <span>{plural(facet.count, "sample")}</span>
      </h2>
      {facet.labels && facet.labels.length > 0 ? (
        <LabelBars
          of={field.name}
          labels={facet.labels}
          picked={picked(search.filter, path).map(String)}
          colour={colour}
          onToggle={(label) => {
            const value = field.type === "boolean" ? label === "true" : label;
            change({ filter: toggled(search.filter, path, value) });
          }}
        />
      ) : null}
      {(facet.confidence?.histogram?.length ?? 0) > 0 ? (
        <>
          <h3 className={classes.part}>Confidence</h3>
          <Bins path={`${field.name}.confidence`} bins={facet.confidence?.histogram ?? []} />
        </>
      ) : null}
      {facet.histogram && facet.histogram.length > 0 ? (
        <Bins path={field.name} bins={facet.histogram} />
      ) : null}
    </section>
  );
}

/** A histogram of which a bar can be picked, and left again. */
function Bins({ path, bins: fine }: { path: string; bins: Bin[] }) {
  const bins = coarser(fine, BARS);
  const { search, change } = useView();
  const range = rangeOf(search.filter, path);
  const pick = ({ from, to }: Bin) => {
    const isPicked = range.min === from && range.max === to;
    change({ filter: withRange(search.filter, path, isPicked ? {} : { min: from, max: to }) });
  };
  return (
    <>
      <Histogram of={path} bins={bins} height={HEIGHT} range={range} format={number} onPick={pick} />
      <div className={classes.ends} aria-hidden="true">
        <span>{number(bins[0]?.from ?? 0)}</span>
        <span>{number(bins.at(-1)?.to ?? 0)}</span>
      </div>
    </>
  );
}
