import { ActionIcon, Progress, Text, Tooltip } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconTrash } from "@tabler/icons-react";
import { messageOf } from "@/api/errors";
import { useDeleteReview } from "@/api/reviews/delete-review";
import type { Review } from "@/api/types";
import { useView } from "../view";
import classes from "./review.module.css";
import { orderWords, progressWords } from "./words";

interface Props {
  review: Review;
  mayOpen: boolean;
  mayDelete: boolean;
  onOpened: () => void;
}

/** A review and how far it is: gone on with by a click. */
export function ReviewRow({ review, mayOpen, mayDelete, onOpened }: Props) {
  const { dataset, change } = useView();
  const remove = useDeleteReview(dataset.id);
  const { counts, problem } = review;
  const ask = () =>
    modals.openConfirmModal({
      title: `Delete “${review.name}”?`,
      children: `Its queue is deleted. What was decided stays in ${review.target}.`,
      labels: { confirm: "Delete", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => remove.mutate(review.id),
    });
  return (
    <li className={classes.row}>
      <button
        type="button"
        className={classes.open}
        disabled={!mayOpen || problem !== null}
        onClick={() => {
          onOpened();
          change({ review: review.id, sample: undefined });
        }}
      >
        <span className={classes.name}>{review.name}</span>
        <Text span size="xs" c="dimmed" truncate>
          {review.source}, {orderWords(review.order, review.source)}
        </Text>
        <Progress
          size={5}
          value={counts.total === 0 ? 100 : (100 * counts.done) / counts.total}
          aria-label={`Progress of ${review.name}`}
        />
        <Text span size="xs" className="tabular">
          {counts.left === 0 ? "All reviewed" : progressWords(counts)}
        </Text>
        {problem || remove.error ? (
          <Text span size="xs" c="red" role="alert">
            {problem ?? messageOf(remove.error)}
          </Text>
        ) : null}
      </button>
      {mayDelete ? (
        <Tooltip label="Delete">
          <ActionIcon
            size="sm"
            aria-label={`Delete the review ${review.name}`}
            loading={remove.isPending}
            onClick={ask}
          >
            <IconTrash size={15} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      ) : null}
    </li>
  );
}
