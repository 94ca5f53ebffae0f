import { Text } from "@mantine/core";
import type { Dataset, EvaluationDetail } from "@/api/types";
import { labelColour } from "@/lib/colours";
import { percent } from "@/lib/format";
import { FRAME, path, x, y } from "./curve-path";
import classes from "./evaluations.module.css";

interface Props {
  dataset: Dataset;
  evaluation: EvaluationDetail;
  /** Its curve of the picked class is drawn dashed. */
  other: EvaluationDetail | undefined;
  picked: string | undefined;
  onPick: (label: string | undefined) => void;
}

const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** Precision over recall, a line for each class; one may be picked out. */
export function Curves({ dataset, evaluation, other, picked, onPick }: Props) {
  const field = dataset.fields.find(({ name }) => name === evaluation.ground_truth);
  const isPicked = evaluation.curves.some(({ label }) => label === picked);
  const dashed = isPicked ? other?.curves.find(({ label }) => label === picked) : undefined;
  const ap = new Map(evaluation.per_class.map((row) => [row.label, row.ap]));
  const threshold = evaluation.options.iou_threshold;
  return (
    <>
      <svg
        className={classes.curves}
        viewBox={`0 0 ${FRAME.width} ${FRAME.height}`}
        role="img"
        aria-label={`Precision over recall of ${evaluation.curves.length} classes`}
      >
        {TICKS.map((tick) => (
          <g key={tick}>
            <line className={classes.gridline} x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
            <line className={classes.gridline} x1={x(tick)} x2={x(tick)} y1={y(0)} y2={y(1)} />
            <text className={classes.tick} x={x(0) - 6} y={y(tick) + 4} textAnchor="end">
              {tick}
            </text>
            <text className={classes.tick} x={x(tick)} y={y(0) + 15} textAnchor="middle">
              {tick}
            </text>
          </g>
        ))}
        <text className={classes.tick} x={x(0.5)} y={FRAME.height - 4} textAnchor="middle">
          Recall
        </text>
        <text className={classes.tick} transform={`translate(9 ${y(0.5)}) rotate(-90)`} textAnchor="middle">
          Precision
        </text>
        {evaluation.curves.map(({ label, precision }) => (
          <path
            key={label}
            className={classes.curve}
            data-faint={isPicked && label !== picked}
            stroke={labelColour(label, field)}
            d={path(precision)}
          />
        ))}
        {dashed ? (
          <path
            className={classes.curve}
            data-other
            stroke="var(--mantine-color-text)"
            d={path(dashed.precision)}
          />
        ) : null}
      </svg>
      <div className={classes.legend}>
        {evaluation.curves.map(({ label }) => (
          <button
            key={label}
            type="button"
            className={classes.key}
            aria-pressed={label === picked}
            onClick={() => onPick(label === picked ? undefined : label)}
          >
            <span className={classes.swatch} style={{ background: labelColour(label, field) }} />
            <span>
              {label} · AP {percent(ap.get(label) ?? 0, 1)}
            </span>
          </button>
        ))}
      </div>
      <Text size="xs" c="dimmed" mt="xs">
        {typeof threshold === "number"
          ? `Boxes that overlap by ${threshold.toFixed(2)} or more are one. `
          : null}
        {dashed ? `Dashed: ${other?.predictions}.` : "Pick a class to see its line alone."}
      </Text>
    </>
  );
}
