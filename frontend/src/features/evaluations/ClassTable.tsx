import { Table, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { ClassScore, Dataset, Evaluation } from "@/api/types";
import { AnchorLink } from "@/components/links";
import { count, percent } from "@/lib/format";
import { cellFilter } from "./confusion";
import classes from "./evaluations.module.css";
import { Against } from "./MetricCards";
import { type Column, columnsOf, order, sorted, toggled } from "./sorting";

interface Props {
  dataset: Dataset;
  evaluation: Evaluation;
  other: Evaluation | undefined;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
}

/** The scores of each class; each leads to the samples on which it was right. */
export function ClassTable({ dataset, evaluation, other, sort, onSort }: Props) {
  const columns = columnsOf(evaluation.per_class);
  const by = order(sort);
  const others = new Map(other?.per_class.map((row) => [row.label, row]));
  return (
    <Table.ScrollContainer minWidth={560} type="native">
      <Table highlightOnHover horizontalSpacing="md" aria-label="Classes">
        <Table.Thead>
          <Table.Tr>
            {columns.map(([column, title]) => {
              const isBy = by?.column === column;
              return (
                <Table.Th
                  key={column}
                  ta={column === "label" ? undefined : "right"}
                  aria-sort={isBy ? (by.down ? "descending" : "ascending") : "none"}
                >
                  <button
                    type="button"
                    className={classes.sort}
                    onClick={() => onSort(toggled(sort, column))}
                  >
                    {title}
                    {isBy ? by.down ? <IconArrowDown size={14} /> : <IconArrowUp size={14} /> : null}
                  </button>
                </Table.Th>
              );
            })}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sorted(evaluation.per_class, sort).map((row) => (
            <Table.Tr key={row.label}>
              {columns.map(([column]) =>
                column === "label" ? (
                  <Table.Td key={column} maw={320}>
                    <AnchorLink
                      to="/datasets/$datasetId"
                      params={{ datasetId: dataset.id }}
                      search={{ filter: cellFilter(evaluation.id, row.label, row.label) }}
                      preload={false}
                      c="var(--mantine-color-text)"
                      fw={550}
                      style={{ overflowWrap: "anywhere" }}
                    >
                      {row.label}
                    </AnchorLink>
                  </Table.Td>
                ) : (
                  <Table.Td key={column} ta="right" className="tabular">
                    <Score row={row} other={others.get(row.label)} column={column} />
                  </Table.Td>
                ),
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface ScoreProps {
  row: ClassScore;
  other: ClassScore | undefined;
  column: Exclude<Column, "label">;
}

function Score({ row, other, column }: ScoreProps) {
  const [value, before] = [row[column], other?.[column]];
  if (value === undefined) return <Text c="dimmed">–</Text>;
  if (column === "support") return count(value);
  return (
    <>
      {percent(value, 1)}
      {before === undefined ? null : <Against metric="precision_micro" value={value} other={before} />}
    </>
  );
}
