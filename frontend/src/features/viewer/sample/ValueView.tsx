import { Badge, Text } from "@mantine/core";
import { writerOf } from "@/api/models/names";
import type { Field, Source, ValueFacts } from "@/api/types";
import { ValueContent } from "@/components/values/ValueContent";
import { colourOf } from "@/lib/colours";
import { dateTime } from "@/lib/format";
import classes from "./sample.module.css";

interface Props {
  field: Field;
  value: unknown;
  facts: ValueFacts | undefined;
}

const BY: Record<Source, string> = { human: "Human", model: "Model", import: "Import" };

/** A field's value on the sample, in full, and who says so. */
export function ValueView({ field, value, facts }: Props) {
  const isSet = value !== null && value !== undefined;
  return (
    <section className={classes.value} aria-label={field.name}>
      <div className={classes.valueHead}>
        <span className={classes.dot} style={{ background: colourOf(field.name) }} />
        <span className={classes.fieldName}>{field.name}</span>
        {facts && isSet ? (
          <Badge size="sm" variant={facts.source === "model" ? "light" : "default"} tt="none" fw={550}>
            {BY[facts.source]}
          </Badge>
        ) : null}
      </div>
      {isSet ? <ValueContent field={field} value={value} /> : <Text c="dimmed">No value</Text>}
      {facts && isSet ? <Provenance facts={facts} /> : null}
    </section>
  );
}

function Provenance({ facts }: { facts: ValueFacts }) {
  const parts = [writerOf(facts), facts.job !== null && `job ${facts.job}`, facts.editor].filter(Boolean);
  return parts.length > 0 ? (
    <Text size="xs" c="dimmed" mt={6} title={dateTime(facts.written_at)}>
      {parts.join(" · ")}
    </Text>
  ) : null;
}
