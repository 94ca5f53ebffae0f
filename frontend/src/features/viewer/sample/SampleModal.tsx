import { Modal } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import { mayOnDataset } from "@/api/access";
import { useSample } from "@/api/samples/get-sample";
import type { Sample } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { useKeys, within } from "@/lib/use-keys";
import { DraftsOffer } from "../labelling/DraftsOffer";
import { useView } from "../view";
import { AnnotateSidebar } from "./annotate/AnnotateSidebar";
import { ModelValueDialog } from "./annotate/ModelValueDialog";
import { Toolbar } from "./annotate/Toolbar";
import { useAnnotateKeys } from "./annotate/use-annotate-keys";
import { useAnnotation } from "./annotate/use-annotation";
import { ImageStage } from "./ImageStage";
import { SampleBar } from "./SampleBar";
import { SampleSidebar } from "./SampleSidebar";
import classes from "./sample.module.css";
import { usePreloaded } from "./use-preloaded";
import { useShown } from "./use-shown";

interface Props {
  /** The samples of the view read so far, in its order. */
  samples: Sample[];
  /** All samples of the view, read or not; null while they are counted. */
  total: number | null;
  hasMore: boolean;
  onMore: () => void;
}

/** One sample large over the grid; the address names it, so that it can be sent to someone. */
export function SampleModal(list: Props) {
  const { search, change } = useView();
  return (
    <Modal.Root
      opened={search.sample !== undefined}
      onClose={() => change({ sample: undefined })}
      size="calc(100vw - 3rem)"
      closeOnEscape={false}
      padding={0}
      centered
    >
      <Modal.Overlay backgroundOpacity={0.6} blur={2} />
      <Modal.Content className={classes.content} aria-label="Sample">
        <Modal.Body className={classes.body}>
          {search.sample === undefined ? null : <OpenSample id={search.sample} {...list} />}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function OpenSample({ id, samples, total, hasMore, onMore }: Props & { id: number }) {
  const { dataset, search, change, selection, hidden } = useView();
  const { data: detail, error } = useSample(dataset.id, id);
  const [raw, setRaw] = useState(false);
  const [sidebar, setSidebar] = useState(true);
  const index = samples.findIndex((sample) => sample.id === id);
  const sample = useShown(detail ?? samples[index]);
  const mayLabel = mayOnDataset(dataset.access, "label");
  const annotates = mayLabel && search.annotate === true;
  const annotation = useAnnotation(sample, annotates);
  const edited = annotation.editor ? annotation.target.field : undefined;
  const fields = useMemo(
    () => dataset.fields.filter((field) => !hidden.has(field)),
    [dataset.fields, hidden],
  );
  const toggleMode = () => {
    if (!mayLabel) return false;
    change({ annotate: annotates ? undefined : true }, { replace: true });
    focusStage();
    return true;
  };
  const go = (to: number) => {
    const next = samples[to];
    if (next) change({ sample: next.id }, { replace: true });
  };

  useEffect(() => {
    if (hasMore && index >= samples.length - 3) onMore();
  }, [hasMore, index, samples.length, onMore]);
  usePreloaded(samples[index - 1], samples[index + 1]);
  const next = () => index >= 0 && go(index + 1);
  const previous = () => go(index - 1);
  useAnnotateKeys(annotation, annotates, next);
  // Not while the help or a dialog lies above: then the keys are for that.
  useKeys(
    within(1, {
      "sample.annotate": toggleMode,
      "sample.next": next,
      "sample.previous": previous,
      "sample.json": () => setRaw((now) => !now),
      "sample.panel": () => setSidebar((now) => !now),
      "sample.select": () => selection.toggle(id),
      "sample.close": () => change({ sample: undefined }),
    }),
  );

  return (
    <>
      <SampleBar
        sample={sample}
        place={index}
        loaded={samples.length}
        total={total}
        selected={selection.ids.has(id)}
        raw={raw}
        onStep={(by) => go(index + by)}
        onRaw={() => setRaw((now) => !now)}
        onSelect={() => selection.toggle(id)}
        onClose={() => change({ sample: undefined })}
        annotates={annotates}
        onMode={mayLabel ? toggleMode : undefined}
      />
      <DraftsOffer />
      <div className={classes.columns}>
        {annotates ? <Toolbar editor={annotation.editor} /> : null}
        {sample ? (
          <ImageStage
            key={sample.id}
            sample={sample}
            fields={fields}
            editor={annotation.editor}
            edited={edited}
          />
        ) : (
          <div className={classes.stage} />
        )}
        {sidebar ? (
          // Focusable, so that the arrow keys can scroll what no button is in.
          // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
          <aside className={classes.sidebar} aria-label="Fields of the sample" tabIndex={0}>
            {error ? <ErrorAlert error={error} /> : null}
            {sample && annotates && !raw ? <AnnotateSidebar sample={sample} annotation={annotation} /> : null}
            {sample && (!annotates || raw) ? <SampleSidebar sample={sample} raw={raw} /> : null}
          </aside>
        ) : null}
      </div>
      <ModelValueDialog {...annotation} />
    </>
  );
}

/** The picture takes the keys once the mode was changed; the switch would keep the arrows for itself. */
function focusStage() {
  requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-stage]")?.focus());
}
