import { Button } from "@mantine/core";
import { IconArrowBackUp, IconChecks, IconHourglass } from "@tabler/icons-react";
import type { Review, ReviewCounts } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { count, plural } from "@/lib/format";
import { useView } from "../view";
import { outcomeWords } from "./words";

interface Props {
  review: Review;
  counts: ReviewCounts;
  onAgain: () => void;
  onClose: () => void;
  onUndo: () => void;
}

const OUTCOMES = ["accepted", "rejected", "corrected"] as const;

/** Nothing is left for this person: what was decided, and the way to those samples. */
export function ReviewEnd({ review, counts, onAgain, onClose, onUndo }: Props) {
  const { change } = useView();
  const outcome = outcomeWords(counts);
  if (counts.left > 0) {
    return (
      <EmptyState
        icon={IconHourglass}
        title="The rest is with others"
        text={`${plural(counts.left, "sample")} of this review ${counts.left === 1 ? "is" : "are"} with somebody else at the moment, and free again after ten minutes in which nothing happens. ${outcome ? `So far: ${outcome}.` : ""}`}
      >
        <Button onClick={onAgain}>Look again</Button>
        <Button variant="default" onClick={onClose}>
          Back to the grid
        </Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={IconChecks}
      title="All reviewed"
      text={`${outcome || "Nothing was left to decide"}. What was accepted and corrected stands in ${review.target}.`}
    >
      {OUTCOMES.filter((each) => counts[each] > 0).map((is) => (
        <Button
          key={is}
          variant="default"
          onClick={() => change({ review: undefined, filter: { review: review.id, is }, sample: undefined })}
        >
          Show the {count(counts[is])} {is}
        </Button>
      ))}
      <Button variant="default" leftSection={<IconArrowBackUp size={16} stroke={1.7} />} onClick={onUndo}>
        Undo the last
      </Button>
      <Button onClick={onClose}>Back to the grid</Button>
    </EmptyState>
  );
}
