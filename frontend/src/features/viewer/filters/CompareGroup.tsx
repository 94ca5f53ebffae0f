import { ActionIcon, Button, Group, Select, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowsSort, IconChevronRight, IconSwitchHorizontal } from "@tabler/icons-react";
import { useCounts } from "@/api/samples/count-samples";
import type { Field } from "@/api/types";
import { comparisonOf, withComparison } from "@/lib/conditions";
import { VERDICTS } from "@/lib/filter";
import { count } from "@/lib/format";
import { useView } from "../view";
import { isOfLabels, type Pair, pairOf, partners, verdictWords } from "./comparing";
import classes from "./filters.module.css";

/** Two fields side by side: where they agree, where not, and where only one says anything. */
export function CompareGroup() {
  const { dataset, search } = useView();
  const pair = pairOf(search, dataset.fields);
  const asked = search.compare !== undefined || comparisonOf(search.filter) !== undefined;
  const [opened, { toggle }] = useDisclosure(asked);
  if (!pair) return null;
  return (
    <section className={classes.group} aria-label="Compare">
      <div className={classes.groupHead}>
        <h2 className={classes.heading}>Compare</h2>
        <ActionIcon
          size="sm"
          aria-label="Compare two fields"
          aria-expanded={opened}
          aria-controls="compare-fields"
          onClick={toggle}
        >
          <IconChevronRight size={15} className={classes.caret} data-open={opened || undefined} />
        </ActionIcon>
      </div>
      <div id="compare-fields">{opened ? <Compared pair={pair} /> : null}</div>
    </section>
  );
}

function Compared({ pair }: { pair: Pair }) {
  const { dataset, search, change } = useView();
  const [first, second] = pair;
  const chosen = comparisonOf(search.filter);
  const { fields } = dataset;
  const comparable = fields.filter((field) => partners(field, fields).length > 0).map(({ name }) => name);
  const besideFirst = fields.find(({ name }) => name === first);
  const others = besideFirst ? partners(besideFirst, fields).map(({ name }) => name) : [];
  const set = (compare: Pair) =>
    change({
      compare,
      filter: withComparison(search.filter, chosen && { compare, is: chosen.is }),
    });
  const counts = useCounts(
    dataset.id,
    VERDICTS.map((is) => withComparison(search.filter, { compare: pair, is })),
  );
  const words = verdictWords(pair);
  const sort = `-compare:${first},${second}`;
  return (
    <div className={classes.body}>
      <Group gap={4} wrap="nowrap">
        <Select
          size="xs"
          flex={1}
          aria-label="First field"
          data={comparable}
          value={first}
          allowDeselect={false}
          onChange={(name) => name && set(withFirst(name, second, fields))}
        />
        <Tooltip label="Swap the two">
          <ActionIcon size="md" aria-label="Swap the two fields" onClick={() => set([second, first])}>
            <IconSwitchHorizontal size={16} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        <Select
          size="xs"
          flex={1}
          aria-label="Second field"
          data={others}
          value={second}
          allowDeselect={false}
          onChange={(name) => name && set([first, name])}
        />
      </Group>
      <ul className={classes.verdicts} aria-label={`${first} and ${second}`}>
        {VERDICTS.map((is, index) => {
          const isChosen = chosen?.is === is;
          const { total = null, isEstimate = false } = counts[index] ?? {};
          return (
            <li key={is}>
              <button
                type="button"
                className={classes.verdict}
                aria-pressed={isChosen}
                title={words[is]}
                onClick={() =>
                  change({
                    compare: pair,
                    filter: withComparison(search.filter, isChosen ? undefined : { compare: pair, is }),
                  })
                }
              >
                <span className={classes.choiceName}>{words[is]}</span>
                <span className={classes.count}>
                  {isEstimate ? "≈ " : ""}
                  {total === null ? "…" : count(total)}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {isOfLabels(pair, fields) ? (
        <Button
          size="compact-xs"
          mt="xs"
          variant={search.sort === sort ? "light" : "subtle"}
          aria-pressed={search.sort === sort}
          leftSection={<IconArrowsSort size={14} />}
          onClick={() => change({ compare: pair, sort: search.sort === sort ? undefined : sort })}
        >
          Most disagreeing first
        </Button>
      ) : null}
    </div>
  );
}

/** Another first field; the second stays if it can be compared with it. */
function withFirst(name: string, second: string, fields: Field[]): Pair {
  const field = fields.find((each) => each.name === name);
  const names = field ? partners(field, fields).map((each) => each.name) : [];
  return [name, names.includes(second) ? second : (names[0] ?? second)];
}
