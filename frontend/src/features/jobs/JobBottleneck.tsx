import { Group, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import type { Bottleneck } from "@/api/types";
import { boundBy, PART_WORDS, PARTS, percentages } from "./bottleneck";
import classes from "./jobs.module.css";

/** What binds the job: "Bound by decoding", the shares as a slim bar with its legend, and what would help. */
export function JobBottleneck({ bottleneck }: { bottleneck: Bottleneck }) {
  const shares = percentages(bottleneck);
  const { bound, advice } = PART_WORDS[boundBy(bottleneck)];
  return (
    <div className={classes.bottleneck}>
      <Group gap={4} wrap="nowrap">
        <Text size="xs" fw={600}>
          {bound}
        </Text>
        <Tooltip
          label={advice}
          multiline
          w={260}
          openDelay={100}
          events={{ hover: true, focus: true, touch: true }}
        >
          <UnstyledButton className={classes.advice} aria-label={`What helps: ${advice}`}>
            <IconInfoCircle size={14} stroke={1.8} aria-hidden="true" />
          </UnstyledButton>
        </Tooltip>
      </Group>
      <div className={classes.shares} aria-hidden="true">
        {PARTS.map((part) =>
          shares[part] > 0 ? (
            <span key={part} style={{ flexGrow: shares[part], background: PART_WORDS[part].colour }} />
          ) : null,
        )}
      </div>
      <ul className={`${classes.list} ${classes.legend}`} aria-label="Shares of the time">
        {PARTS.map((part) => (
          <li key={part} className={classes.fact}>
            <i className={classes.dot} style={{ background: PART_WORDS[part].colour }} />
            {PART_WORDS[part].label} {shares[part]} %
          </li>
        ))}
      </ul>
    </div>
  );
}
