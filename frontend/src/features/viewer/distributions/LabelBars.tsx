import { UnstyledButton } from "@mantine/core";
import { useState } from "react";
import type { LabelCount } from "@/api/types";
import { count } from "@/lib/format";
import classes from "./distributions.module.css";

interface Props {
  of: string;
  labels: LabelCount[];
  picked: readonly unknown[];
  colour: (label: string) => string;
  onToggle: (label: string) => void;
}

const FEW = 12;
const MOST = 200;

/** A bar per label, the most frequent first; a click narrows the view to it. */
export function LabelBars({ of, labels, picked, colour, onToggle }: Props) {
  const [all, setAll] = useState(false);
  const most = Math.max(1, ...labels.map((each) => each.count));
  const shown = labels.slice(0, all ? MOST : FEW);
  return (
    <>
      <ul className={classes.bars} aria-label={`Distribution of ${of}`}>
        {shown.map(({ label, count: times }) => (
          <li key={label}>
            <button
              type="button"
              className={classes.row}
              aria-pressed={picked.includes(label)}
              onClick={() => onToggle(label)}
            >
              <span className={classes.rowName} title={label}>
                {label}
              </span>
              <span
                className={classes.rowBar}
                style={{ width: `${(times / most) * 100}%`, background: colour(label) }}
              />
              <span className={classes.rowCount}>{count(times)}</span>
            </button>
          </li>
        ))}
      </ul>
      {labels.length > FEW ? (
        <UnstyledButton className={classes.more} onClick={() => setAll((now) => !now)}>
          {all ? "Show fewer" : `Show all ${count(Math.min(labels.length, MOST))}`}
        </UnstyledButton>
      ) : null}
    </>
  );
}
