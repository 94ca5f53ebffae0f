import { Chip, Group, Text } from "@mantine/core";
import type { FieldFacet } from "@/api/types";
import { mentions, picked, toggled } from "@/lib/filter";
import { useView } from "../view";
import { Count } from "./Count";
import classes from "./filters.module.css";

const WORDS = { human: "Human", model: "Model", import: "Import" };

/** Who wrote the values: people, models or imports, and which job. */
export function WrittenBy({ name, facet }: { name: string; facet: FieldFacet }) {
  const { search } = useView();
  const { sources, jobs } = facet;
  const isAsked = [`${name}.source`, `${name}.job`].some((path) => mentions(search.filter, path));
  // One author of all there is leaves nothing to choose.
  if (sources.length + jobs.length <= 1 && !isAsked) return null;
  return (
    <div>
      <Text size="xs" c="dimmed" mb={4}>
        Written by
      </Text>
      <Group gap={6} className={classes.written} role="group" aria-label={`Who wrote ${name}`}>
        {sources.map(({ label, count: times }) => (
          <Pick key={label} path={`${name}.source`} value={label} text={WORDS[label]} times={times} />
        ))}
        {jobs.map(({ id, count: times }) => (
          <Pick key={id} path={`${name}.job`} value={id} text={`Job ${id}`} times={times} />
        ))}
      </Group>
    </div>
  );
}

interface PickProps {
  path: string;
  value: string | number;
  text: string;
  times: number;
}

function Pick({ path, value, text, times }: PickProps) {
  const { search, change } = useView();
  return (
    <Chip
      size="xs"
      variant="light"
      checked={picked(search.filter, path).includes(value)}
      onChange={() => change({ filter: toggled(search.filter, path, value) })}
    >
      {text} <Count of={times} />
    </Chip>
  );
}
