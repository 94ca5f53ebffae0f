import { boxOf, hasLabels, labelsOf, type Told } from "@/components/values/labels";
import { labelColour } from "@/lib/colours";
import classes from "./dry-run.module.css";

interface Props {
  fields: Told[];
  values: Record<string, unknown>;
}

/** The boxes of a sample's values, laid over its picture of whatever size. */
export function BoxOverlay({ fields, values }: Props) {
  const boxes = fields
    .filter(({ type }) => hasLabels(type))
    .flatMap((field) =>
      labelsOf(values[field.name]).flatMap((label) => {
        const box = boxOf(label);
        return box ? [{ box, colour: labelColour(label.label, field) }] : [];
      }),
    );
  if (boxes.length === 0) return null;
  return (
    <svg className={classes.overlay} viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
      {boxes.map(({ box: [x, y, width, height], colour }) => (
        <g key={`${x} ${y} ${width} ${height} ${colour}`}>
          <rect {...{ x, y, width, height }} className={classes.boxEdge} />
          <rect {...{ x, y, width, height }} className={classes.box} stroke={colour} />
        </g>
      ))}
    </svg>
  );
}
