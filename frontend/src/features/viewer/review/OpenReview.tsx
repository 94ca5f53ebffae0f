import { Loader } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMemo } from "react";
import { isShapeType } from "@/annotation/shapes";
import { useFacets } from "@/api/samples/get-facets";
import type { Review } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { labelsOf } from "@/components/values/labels";
import { once, useKeys, within } from "@/lib/use-keys";
import { classesOf } from "../labelling/targets";
import { Toolbar } from "../sample/annotate/Toolbar";
import { ImageStage } from "../sample/ImageStage";
import sampleClasses from "../sample/sample.module.css";
import { usePreloaded } from "../sample/use-preloaded";
import { useView } from "../view";
import { ClassDialog } from "./ClassDialog";
import { CorrectPanel } from "./CorrectPanel";
import { ReviewBar } from "./ReviewBar";
import { ReviewEnd } from "./ReviewEnd";
import { ReviewPanel } from "./ReviewPanel";
import classes from "./review.module.css";
import { countsOf, current, isOver } from "./session";
import { useCorrecting } from "./use-correcting";
import { useSession } from "./use-session";

const DIGITS = 9;

/** One sample after the other, each decided by a key. */
export function OpenReview({ review }: { review: Review }) {
  const { dataset, change } = useView();
  const { state, error, decide, undo, refill, step } = useSession(dataset.id, review);
  const [choosing, choose] = useDisclosure(false);
  const { data: facets } = useFacets(dataset.id, undefined);
  const source = dataset.fields.find(({ name }) => name === review.source);
  const target = dataset.fields.find(({ name }) => name === review.target);
  const sample = current(state);
  const counts = countsOf(state);
  const shown = useMemo(() => (source ? [source] : []), [source]);
  const labels = useMemo(() => {
    const own = target?.classes.length || !source ? target : source;
    return own ? classesOf(own.name, own, facets) : [];
  }, [source, target, facets]);
  const hasShapes = source !== undefined && isShapeType(source.type);
  const correcting = useCorrecting({ sample, source, labels, onSave: (value) => decide("correct", value) });
  const { editor } = correcting;
  usePreloaded(...state.samples.slice(state.at + 1, state.at + 3), state.samples[state.at - 1]);

  /** One class instead of what the model said; the same one accepts it. */
  function classify(label: string): boolean {
    if (!sample || !source || hasShapes) return false;
    const said = labelsOf(sample.values[source.name]).map((each) => each.label);
    if (said.length === 1 && said[0] === label) return decide("accept");
    return decide("correct", source.type === "classification" ? { label } : [{ label }]);
  }
  function correct(): boolean {
    if (hasShapes) return correcting.start();
    if (sample) choose.open();
    return sample !== undefined;
  }
  const close = () => change({ review: undefined });
  const digits = labels
    .slice(0, DIGITS)
    .map((label, index) => [String(index + 1), once(() => classify(label))] as const);
  useKeys(
    editor
      ? {}
      : within(1, {
          ...Object.fromEntries(digits),
          "review.accept": once(() => decide("accept")),
          "review.reject": once(() => decide("reject")),
          "review.correct": correct,
          "review.undo": once(undo),
          "review.next": () => step(1),
          "review.previous": () => step(-1),
          "review.close": close,
        }),
  );

  return (
    <>
      <ReviewBar
        review={review}
        sample={sample}
        counts={counts}
        canStep={state.samples.length > 1 && !editor}
        onStep={step}
        onClose={close}
      />
      <div className={sampleClasses.columns}>
        {editor ? <Toolbar editor={editor} history={correcting.history} /> : null}
        {sample ? (
          <ImageStage
            key={sample.id}
            sample={sample}
            fields={shown}
            editor={editor}
            edited={editor ? source : undefined}
          />
        ) : (
          <div className={classes.message}>
            {error ? <ErrorAlert error={error} title="The review cannot go on" onRetry={refill} /> : null}
            {isOver(state) && counts ? (
              <ReviewEnd review={review} counts={counts} onAgain={refill} onClose={close} onUndo={undo} />
            ) : null}
            {error || isOver(state) ? null : <Loader size="sm" aria-label="Loading samples" />}
          </div>
        )}
        {/* Focusable, so that the keys begin here and the arrows can scroll what no button is in. */}
        <aside
          className={sampleClasses.sidebar}
          aria-label="What the model says"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
          tabIndex={0}
          data-autofocus
        >
          {sample && source && !editor ? (
            <ReviewPanel
              review={review}
              sample={sample}
              source={source}
              target={target}
              labels={hasShapes ? [] : labels}
              onDecide={decide}
              onClass={classify}
              onCorrect={correct}
              onUndo={undo}
            />
          ) : null}
          {editor && target ? (
            <CorrectPanel
              editor={editor}
              field={target}
              labels={labels}
              onSave={correcting.save}
              onCancel={correcting.stop}
            />
          ) : null}
        </aside>
      </div>
      <ClassDialog
        opened={choosing}
        onClose={choose.close}
        labels={labels}
        field={target}
        isOpen={target?.classes.length === 0}
        onClass={classify}
      />
    </>
  );
}
