import type { Field, Points } from "@/api/types";
import { hasLabels } from "@/components/values/labels";
import { picked, toggled } from "@/lib/filter";
import { count } from "@/lib/format";
import { useView } from "../view";
import { classColour, legendOf } from "./colouring";
import classes from "./embeddings.module.css";

const MOST = 40;

/** Which colour is which label; a click narrows the view to it. */
export function Legend({ points, field }: { points: Points; field: Field }) {
  const { search, change } = useView();
  const { labels, none } = legendOf(points);
  const path = hasLabels(field.type) ? `${field.name}.label` : field.name;
  const chosen = picked(search.filter, path).map(String);
  return (
    <ul className={classes.legend} aria-label={`Labels of ${field.name}`}>
      {labels.slice(0, MOST).map(([label, times]) => (
        <li key={label}>
          <button
            type="button"
            aria-pressed={chosen.includes(label)}
            onClick={() => {
              const value = field.type === "boolean" ? label === "true" : label;
              change({ filter: toggled(search.filter, path, value) });
            }}
          >
            <i style={{ background: classColour(label, field) }} />
            <span title={label}>{label}</span>
            <small>{count(times)}</small>
          </button>
        </li>
      ))}
      {labels.length > MOST ? <li className={classes.rest}>and {count(labels.length - MOST)} more</li> : null}
      {none > 0 ? <li className={classes.rest}>without a label: {count(none)}</li> : null}
    </ul>
  );
}
