import { Text, Tooltip } from "@mantine/core";
import classes from "./evaluations.module.css";
import { difference, keyMetric, listed, shown, words } from "./metric-words";

interface Props {
  metrics: Record<string, number>;
  /** Those of the evaluation that this one is compared with. */
  other: Record<string, number> | undefined;
}

export function MetricCards({ metrics, other }: Props) {
  const key = keyMetric(metrics);
  return (
    <section className={classes.cards} aria-label="Metrics">
      {listed(metrics).map((metric) => (
        <MetricCard
          key={metric}
          metric={metric}
          value={metrics[metric] ?? 0}
          other={other?.[metric]}
          isKey={metric === key}
        />
      ))}
    </section>
  );
}

interface CardProps {
  metric: string;
  value: number;
  other: number | undefined;
  isKey: boolean;
}

function MetricCard({ metric, value, other, isKey }: CardProps) {
  const { name, says } = words(metric);
  return (
    <Tooltip label={says} disabled={!says} multiline maw={260}>
      <div className={classes.card} data-key={isKey} data-metric={metric}>
        <Text size="xs" c="dimmed" truncate>
          {name}
        </Text>
        <div className={classes.value}>{shown(metric, value)}</div>
        {other === undefined ? null : <Against metric={metric} value={value} other={other} />}
      </div>
    </Tooltip>
  );
}

/** The other's value, and by how much this one is better or worse. */
export function Against({ metric, value, other }: Omit<CardProps, "isKey" | "other"> & { other: number }) {
  const { text, better } = difference(metric, value, other);
  const look = better === null ? undefined : better ? classes.better : classes.worse;
  return (
    <Text size="xs" className="tabular">
      <Text span size="xs" c="dimmed">
        {shown(metric, other)}{" "}
      </Text>
      <span className={look}>{text}</span>
    </Text>
  );
}
