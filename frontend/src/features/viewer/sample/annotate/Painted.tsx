import { Text } from "@mantine/core";
import { useMemo, useSyncExternalStore } from "react";
import type { Painter } from "@/annotation/painter";
import { amounts } from "@/annotation/runs";
import type { Field } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { percent } from "@/lib/format";
import { classColour, className } from "../../mask-pictures";
import classes from "../sample.module.css";

interface Props {
  painter: Painter;
  field: Field;
  /** Why what stands there could not be read. */
  unread: unknown;
}

/** How much of the picture each class has. */
export function Painted({ painter, field, unread }: Props) {
  const { runs, isReady } = useSyncExternalStore(painter.subscribe, painter.snapshot);
  const { width, height } = painter.picture;
  const shares = useMemo(() => {
    const found = runs ? [...amounts(runs)].filter(([index]) => index !== 0) : [];
    const pixels = runs ? runs.size[0] * runs.size[1] : 1;
    return found.sort(([a], [b]) => a - b).map(([index, count]) => ({ index, share: count / pixels }));
  }, [runs]);
  const colourOf = classColour(field);
  return (
    <section className={classes.value} aria-label="Painted">
      <div className={classes.valueHead}>
        <span className={classes.fieldName}>Painted</span>
        <Text span size="sm" c="dimmed" className="tabular">
          {width} × {height} px
        </Text>
      </div>
      {unread ? <ErrorAlert error={unread} title="The mask cannot be painted on" /> : null}
      {isReady || unread ? null : <Text c="dimmed">Reading the mask…</Text>}
      {isReady && shares.length === 0 ? <Text c="dimmed">Nothing yet: paint on the image.</Text> : null}
      <ul className={classes.objects}>
        {shares.map(({ index, share }) => (
          <li key={index} className={classes.share}>
            <span className={classes.dot} style={{ background: colourOf(index) }} />
            <span className={classes.className}>{className(field, index)}</span>
            <Text span size="sm" c="dimmed" className="tabular">
              {percent(share, 1)}
            </Text>
          </li>
        ))}
      </ul>
    </section>
  );
}
