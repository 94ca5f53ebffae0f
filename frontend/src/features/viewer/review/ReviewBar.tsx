import { ActionIcon, Progress, Text, Tooltip } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconX } from "@tabler/icons-react";
import type { Review, ReviewCounts, Sample } from "@/api/types";
import { plural } from "@/lib/format";
import sampleClasses from "../sample/sample.module.css";
import classes from "./review.module.css";
import { progressWords } from "./words";

interface Props {
  review: Review;
  sample: Sample | undefined;
  counts: ReviewCounts | null;
  canStep: boolean;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
}

export function ReviewBar({ review, sample, counts, canStep, onStep, onClose }: Props) {
  return (
    <div className={sampleClasses.bar}>
      <Text fw={600} truncate title={review.name}>
        {review.name}
      </Text>
      {sample ? (
        <Text size="sm" c="dimmed" truncate title={sample.name} data-testid="review-sample">
          {sample.name}
        </Text>
      ) : null}
      {counts ? (
        <div className={classes.progress}>
          <Progress
            value={counts.total === 0 ? 100 : (100 * counts.done) / counts.total}
            aria-label={`${plural(counts.done, "sample")} of ${counts.total} done`}
          />
          <Text size="sm" className="tabular" aria-live="polite" data-testid="review-progress">
            {progressWords(counts)}
          </Text>
        </div>
      ) : null}
      <div className={classes.steps} data-alone={counts ? undefined : true}>
        <Tooltip label="The sample before (← or D)">
          <ActionIcon aria-label="Previous sample" disabled={!canStep} onClick={() => onStep(-1)}>
            <IconChevronLeft size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Skip (→ or F)">
          <ActionIcon aria-label="Skip" disabled={!canStep} onClick={() => onStep(1)}>
            <IconChevronRight size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Leave the review (Esc)">
          <ActionIcon aria-label="Leave the review" onClick={onClose}>
            <IconX size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </div>
    </div>
  );
}
