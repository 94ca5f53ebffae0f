import { Select, Skeleton, Text } from "@mantine/core";
import { useState } from "react";
import { useNearest } from "@/api/samples/get-nearest";
import { thumbnailOf } from "@/api/samples/thumbnail";
import type { Sample } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { number } from "@/lib/format";
import { useView } from "../view";
import classes from "./sample.module.css";

/** The samples that are most like this one, by a field of embeddings that it has a vector in; nothing without one. */
export function NearestSamples({ sample }: { sample: Sample }) {
  const { dataset } = useView();
  const [chosen, setChosen] = useState<string | null>(null);
  const fields = dataset.fields
    .filter(({ type, name }) => type === "embedding" && sample.provenance[name])
    .map(({ name }) => name);
  const field = fields.find((name) => name === chosen) ?? fields[0];
  if (!field) return null;
  return (
    <section className={classes.value} aria-label="Nearest samples">
      <div className={classes.valueHead}>
        <span className={classes.fieldName}>Nearest samples</span>
        {fields.length > 1 ? (
          <Select
            size="xs"
            w={150}
            aria-label="Nearest by"
            allowDeselect={false}
            data={fields}
            value={field}
            onChange={setChosen}
          />
        ) : (
          <Text size="xs" c="dimmed" truncate>
            by {field}
          </Text>
        )}
      </div>
      <Strip sample={sample.id} field={field} />
    </section>
  );
}

function Strip({ sample, field }: { sample: number; field: string }) {
  const { dataset, change } = useView();
  const { data, error } = useNearest(dataset.id, sample, field);
  if (error) return <ErrorAlert error={error} />;
  if (!data) return <Skeleton h={140} aria-label="Looking for the nearest samples" />;
  if (data.length === 0) return <Text c="dimmed">No other sample has a vector.</Text>;
  return (
    <ul className={classes.nearest}>
      {data.map(({ id, name, distance }) => (
        <li key={id}>
          <button
            type="button"
            aria-label={`Open ${name}, distance ${number(distance)}`}
            title={`${name}, distance ${number(distance)}`}
            onClick={() => change({ sample: id }, { replace: true })}
          >
            <img src={thumbnailOf(dataset.id, id)} alt="" loading="lazy" />
            <small>{number(distance)}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}
