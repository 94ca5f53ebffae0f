import { Button, Popover, Skeleton, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChecklist, IconPlus } from "@tabler/icons-react";
import { mayOnDataset } from "@/api/access";
import { useMe } from "@/api/me/get-me";
import { useReviews } from "@/api/reviews/list-reviews";
import { ErrorAlert } from "@/components/ErrorAlert";
import actions from "../actions/actions.module.css";
import { useView } from "../view";
import { NewReviewDialog } from "./NewReviewDialog";
import { ReviewRow } from "./ReviewRow";
import classes from "./review.module.css";

/** The dataset's reviews, how far they are, and the way to a new one. */
export function ReviewMenu() {
  const { dataset, change } = useView();
  const [opened, { toggle, close, set }] = useDisclosure(false);
  const [making, make] = useDisclosure(false);
  const mayLabel = mayOnDataset(dataset.access, "label");
  return (
    <>
      <Popover
        opened={opened}
        onChange={set}
        position="bottom-start"
        width={340}
        shadow="md"
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <Button
            variant="default"
            className={actions.compact}
            leftSection={<IconChecklist size={16} stroke={1.7} />}
            title="Review"
            onClick={toggle}
          >
            <span className={actions.word}>Review</span>
          </Button>
        </Popover.Target>
        <Popover.Dropdown p="xs">
          <List onOpened={close} />
          {mayLabel ? (
            <div className={classes.new}>
              <Button
                fullWidth
                variant="light"
                leftSection={<IconPlus size={16} stroke={1.7} />}
                onClick={() => {
                  close();
                  make.open();
                }}
              >
                New review
              </Button>
            </div>
          ) : null}
        </Popover.Dropdown>
      </Popover>
      <NewReviewDialog
        opened={making}
        onClose={make.close}
        onMade={(review) => {
          make.close();
          change({ review, sample: undefined });
        }}
      />
    </>
  );
}

function List({ onOpened }: { onOpened: () => void }) {
  const { dataset } = useView();
  const { data: me } = useMe();
  const { data: reviews, error } = useReviews(dataset.id);
  const mayLabel = mayOnDataset(dataset.access, "label");
  const mayEdit = mayOnDataset(dataset.access, "edit");
  if (error) return <ErrorAlert error={error} title="The reviews could not be read" />;
  return (
    <>
      {reviews ? null : <Skeleton h={36} />}
      <ul className={classes.rows} aria-label="Reviews">
        {reviews?.map((review) => (
          <ReviewRow
            key={review.id}
            review={review}
            mayOpen={mayLabel}
            mayDelete={mayEdit || (mayLabel && review.created_by === me?.username)}
            onOpened={onOpened}
          />
        ))}
      </ul>
      {reviews?.length === 0 ? (
        <Text size="sm" c="dimmed" p={6}>
          No reviews yet. In a review, people accept, reject or correct what a model said, the least sure
          first; several at once are given different samples.
        </Text>
      ) : null}
    </>
  );
}
