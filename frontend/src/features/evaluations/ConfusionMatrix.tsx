import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type CSSProperties, type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { Dataset, Evaluation } from "@/api/types";
import { count } from "@/lib/format";
import {
  type ClassName,
  cellCount,
  cellFilter,
  cellWords,
  nameOf,
  neighbour,
  readable,
  strengths,
} from "./confusion";
import classes from "./evaluations.module.css";

interface Props {
  dataset: Dataset;
  evaluation: Evaluation;
}

/** Who was taken for whom, as a heat map; each cell leads to its samples. Arrow keys go from cell to cell. */
export function ConfusionMatrix({ dataset, evaluation }: Props) {
  const shown = useMemo(() => readable(evaluation.confusion), [evaluation.confusion]);
  const strength = useMemo(() => strengths(shown.matrix), [shown]);
  const table = useRef<HTMLTableElement>(null);
  const first = shown.matrix.flatMap((row, i) => row.map((cell, j) => (cell > 0 ? `${i} ${j}` : "")));
  const [at, setAt] = useState<string>();
  const entry = at ?? first.find(Boolean);

  function onKeyDown(event: KeyboardEvent, row: number, column: number) {
    const next = neighbour(shown.matrix, [row, column], event.key);
    if (!next) return;
    event.preventDefault();
    setAt(next.join(" "));
    table.current?.querySelector<HTMLElement>(`[data-cell="${next.join(" ")}"]`)?.focus();
  }

  return (
    <>
      <div className={classes.matrixFrame}>
        <table
          ref={table}
          className={classes.matrix}
          aria-label={`Confusion matrix of ${evaluation.predictions}`}
        >
          <thead>
            <tr>
              <th scope="col" className={classes.axis}>
                Truth ↓ Predicted →
              </th>
              {shown.classes.map((label) => (
                <Head key={nameKey(label)} label={label} scope="col" />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.matrix.map((row, i) => (
              <tr key={nameKey(shown.classes[i] ?? null)}>
                <Head label={shown.classes[i] ?? null} scope="row" />
                {row.map((cell, j) => {
                  const [actual, predicted] = [shown.classes[i] ?? null, shown.classes[j] ?? null];
                  const words = cellWords(actual, predicted);
                  return (
                    <td
                      key={nameKey(predicted)}
                      className={classes.cell}
                      data-wrong={i !== j}
                      style={{ "--strength": strength[i]?.[j] ?? 0 } as CSSProperties}
                    >
                      {cell > 0 ? (
                        <Link
                          to="/datasets/$datasetId"
                          params={{ datasetId: dataset.id }}
                          search={{ filter: cellFilter(evaluation.id, actual, predicted) }}
                          preload={false}
                          data-cell={`${i} ${j}`}
                          tabIndex={entry === `${i} ${j}` ? 0 : -1}
                          onFocus={() => setAt(`${i} ${j}`)}
                          onKeyDown={(event) => onKeyDown(event, i, j)}
                          aria-label={`${cellCount(cell)}: ${words}`}
                          title={`${words}: ${count(cell)}. Show the samples`}
                        >
                          {cellCount(cell)}
                        </Link>
                      ) : null}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Text size="xs" c="dimmed" mt="xs">
        Each row is coloured by its own shares. A cell opens the samples behind it.
        {shown.left > 0 ? ` The ${shown.left} least frequent classes are left out.` : null}
      </Text>
    </>
  );
}

/** A class may be called "none" as well. */
const nameKey = (label: ClassName): string => (label === null ? "\0" : label);

function Head({ label, scope }: { label: ClassName; scope: "row" | "col" }) {
  const nothing = scope === "row" ? "Not there: made up by the predictions" : "Not predicted: missed";
  return (
    <th
      scope={scope}
      className={label === null ? classes.none : undefined}
      title={label === null ? nothing : label}
    >
      {nameOf(label)}
    </th>
  );
}
