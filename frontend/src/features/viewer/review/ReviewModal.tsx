import { Modal } from "@mantine/core";
import { mayOnDataset } from "@/api/access";
import { useReviews } from "@/api/reviews/list-reviews";
import { ErrorAlert } from "@/components/ErrorAlert";
import sampleClasses from "../sample/sample.module.css";
import { useView } from "../view";
import { OpenReview } from "./OpenReview";
import classes from "./review.module.css";

/** A review over the grid; the address names it, so that a reload goes on where it was. */
export function ReviewModal() {
  const { dataset, search, change } = useView();
  const { review, sample } = search;
  const opened = review !== undefined && sample === undefined && mayOnDataset(dataset.access, "label");
  return (
    <Modal.Root
      opened={opened}
      onClose={() => change({ review: undefined })}
      size="calc(100vw - 3rem)"
      closeOnEscape={false}
      padding={0}
      centered
    >
      <Modal.Overlay backgroundOpacity={0.6} blur={2} />
      <Modal.Content className={sampleClasses.content} aria-label="Reviewing">
        <Modal.Body className={sampleClasses.body}>{opened ? <Found id={review} /> : null}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Found({ id }: { id: number }) {
  const { dataset } = useView();
  const { data, error } = useReviews(dataset.id);
  const review = data?.find((each) => each.id === id);
  if (review) return <OpenReview key={id} review={review} />;
  return (
    <div className={classes.message}>
      {error ? <ErrorAlert error={error} title="The review could not be read" /> : null}
      {data ? <ErrorAlert error={new Error("There is no such review; it may have been deleted.")} /> : null}
    </div>
  );
}
