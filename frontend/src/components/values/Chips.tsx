import type { Field } from "@/api/types";
import { type ColourBy, colourOf, inkOn } from "@/lib/colours";
import { percent } from "@/lib/format";
import classes from "./Chips.module.css";
import { chipsOf } from "./labels";

interface Props {
  fields: Field[];
  values: Record<string, unknown>;
  colourBy?: ColourBy;
}

/** The labels of a sample: each in its label's colour, with a dot in the colour of the field that says so; or all in the field's. */
export function Chips({ fields, values, colourBy = "label" }: Props) {
  return fields.flatMap((field) =>
    chipsOf(field, values[field.name], colourBy).map(({ text, confidence, colour }) => (
      <span
        key={`${field.name} ${text}`}
        className={classes.chip}
        style={{ background: colour, color: inkOn(colour) }}
        title={`${field.name}: ${text}${confidence === null ? "" : ` (${percent(confidence, 1)})`}`}
      >
        <i className={classes.dot} style={{ background: colourOf(field.name) }} />
        <span className={classes.text}>{text}</span>
        {confidence === null ? null : <span className={classes.confidence}>{confidence.toFixed(2)}</span>}
      </span>
    )),
  );
}
