import { Badge, Button, Kbd, Text, UnstyledButton } from "@mantine/core";
import { IconArrowBackUp, IconCheck, IconPencil, IconX } from "@tabler/icons-react";
import { writerOf } from "@/api/models/names";
import type { Field, Review, ReviewDecision, Sample } from "@/api/types";
import { labelsOf } from "@/components/values/labels";
import { ValueContent } from "@/components/values/ValueContent";
import { colourOf, labelColour } from "@/lib/colours";
import sampleClasses from "../sample/sample.module.css";
import classes from "./review.module.css";

interface Props {
  review: Review;
  sample: Sample;
  source: Field;
  target: Field | undefined;
  /** Classes that can be given instead, in the order of their digits. */
  labels: string[];
  onDecide: (decision: ReviewDecision) => unknown;
  onClass: (label: string) => unknown;
  onCorrect: () => unknown;
  onUndo: () => void;
}

/** What the model says of the sample, what stands in the target, and what can be decided. */
export function ReviewPanel({ review, sample, source, target, labels, ...does }: Props) {
  const { onDecide, onClass, onCorrect, onUndo } = does;
  const said = labelsOf(sample.values[source.name]).map(({ label }) => label);
  const writer = writerOf(sample.provenance[source.name]);
  const standing = sample.values[review.target];
  return (
    <>
      <section className={sampleClasses.value} aria-label={source.name}>
        <div className={sampleClasses.valueHead}>
          <span className={sampleClasses.dot} style={{ background: colourOf(source.name) }} />
          <span className={sampleClasses.fieldName}>{source.name}</span>
          {writer === null ? null : (
            <Badge size="sm" variant="light" tt="none" fw={550}>
              {writer}
            </Badge>
          )}
        </div>
        {sample.values[source.name] === undefined ? (
          <Text c="dimmed">No value any more</Text>
        ) : (
          <ValueContent field={source} value={sample.values[source.name]} />
        )}
      </section>
      {standing !== undefined && target ? (
        <section className={sampleClasses.value} aria-label={`${target.name} now`}>
          <div className={sampleClasses.valueHead}>
            <span className={sampleClasses.dot} style={{ background: colourOf(target.name) }} />
            <span className={sampleClasses.fieldName}>{target.name} now</span>
          </div>
          <ValueContent field={target} value={standing} />
        </section>
      ) : null}
      <section className={sampleClasses.value} aria-label="Decide">
        <div className={classes.decisions}>
          <Decision icon={IconCheck} keys="A" onClick={() => onDecide("accept")} primary>
            Accept
          </Decision>
          <Decision icon={IconX} keys="R" onClick={() => onDecide("reject")}>
            Reject
          </Decision>
          <Decision icon={IconPencil} keys="C" onClick={onCorrect}>
            Correct…
          </Decision>
          <Decision icon={IconArrowBackUp} keys="U" onClick={onUndo}>
            Undo
          </Decision>
        </div>
        <Text size="xs" c="dimmed" mt="xs">
          Accepted and corrected values go to {review.target}; {review.source} stays as the model wrote it.
        </Text>
      </section>
      {labels.length > 0 ? (
        <section className={sampleClasses.value} aria-label="Classes">
          <div className={sampleClasses.valueHead}>
            <span className={sampleClasses.fieldName}>It is a …</span>
          </div>
          {labels.slice(0, 30).map((label, index) => (
            <UnstyledButton
              key={label}
              className={sampleClasses.classRow}
              data-on={said.includes(label) || undefined}
              onClick={() => onClass(label)}
            >
              <span
                className={sampleClasses.dot}
                style={{ background: labelColour(label, target ?? source) }}
              />
              <span className={sampleClasses.className}>{label}</span>
              {said.includes(label) ? (
                <Text span size="xs" c="dimmed">
                  said by the model
                </Text>
              ) : null}
              {index < 9 ? <Kbd size="xs">{index + 1}</Kbd> : null}
            </UnstyledButton>
          ))}
        </section>
      ) : null}
    </>
  );
}

interface DecisionProps {
  icon: typeof IconCheck;
  keys: string;
  primary?: boolean;
  onClick: () => unknown;
  children: string;
}

function Decision({ icon: Icon, keys, primary = false, onClick, children }: DecisionProps) {
  return (
    <Button
      variant={primary ? "filled" : "default"}
      justify="space-between"
      leftSection={<Icon size={16} stroke={1.8} />}
      rightSection={<Kbd size="xs">{keys}</Kbd>}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}
