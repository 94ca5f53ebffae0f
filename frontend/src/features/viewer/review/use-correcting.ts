/** Correcting the shapes of a model: they are worked on here, and only the finished whole is sent. */

import { useEffect, useMemo, useRef, useState } from "react";
import { Editor } from "@/annotation/editor";
import { isShapeType, type ShapeLabel, shapesOf } from "@/annotation/shapes";
import { byHand } from "@/annotation/tools/tool";
import type { Field, Sample } from "@/api/types";
import { useKeys, within } from "@/lib/use-keys";
import { digitKeys, editorKeys } from "../labelling/editor-keys";

/** What is drawn where no class is known: a label cannot be empty. */
const ANY = "object";

export interface Correcting {
  /** Null while nothing is being corrected. */
  editor: Editor | null;
  /** False where the field has no shapes. */
  start: () => boolean;
  stop: () => void;
  save: () => void;
  history: { undo: () => boolean; redo: () => boolean };
}

interface Of {
  sample: Sample | undefined;
  source: Field | undefined;
  labels: readonly string[];
  onSave: (value: readonly ShapeLabel[]) => unknown;
}

export function useCorrecting({ sample, source, labels, onSave }: Of): Correcting {
  /** The sample that is being corrected: with the next one it is over. */
  const [id, setId] = useState<number | null>(null);
  const past = useRef<(readonly ShapeLabel[])[]>([]);
  const undone = useRef<(readonly ShapeLabel[])[]>([]);
  // Classes that become known later are no reason to begin anew.
  const first = useRef(ANY);
  first.current = labels[0] ?? ANY;
  const type = source?.type;
  const isActive = sample !== undefined && sample.id === id;
  const said = sample && source ? sample.values[source.name] : undefined;
  const size = sample ? `${sample.width} ${sample.height}` : "";
  const editor = useMemo(() => {
    if (!isActive || !type || !isShapeType(type)) return null;
    const [width = 1, height = 1] = size.split(" ").map(Number);
    const loaded = shapesOf(said);
    past.current = [loaded];
    undone.current = [];
    const made = new Editor(
      type,
      { width, height },
      (now) => {
        past.current.push(now);
        undone.current = [];
      },
      { tool: "select", label: loaded[0]?.label ?? first.current },
    );
    made.load(loaded);
    return made;
  }, [isActive, type, said, size]);
  useEffect(() => {
    if (isActive) document.querySelector<HTMLElement>("[data-stage]")?.focus();
  }, [isActive]);

  const stop = () => setId(null);
  function start(): boolean {
    if (!sample || !type || !isShapeType(type)) return false;
    setId(sample.id);
    return true;
  }
  function save(): void {
    if (!editor) return;
    // Whoever corrects a list says all of it: no label keeps a model's confidence.
    const value = editor.snapshot().labels.map(byHand);
    stop();
    onSave(value);
  }
  /** Moves the newest state from one pile to the other, and shows what is newest then. */
  function restore(from: typeof past, to: typeof past, least: number): boolean {
    if (from.current.length > least) to.current.push(...from.current.splice(-1));
    const shown = past.current.at(-1);
    if (shown) editor?.load(shown);
    return true;
  }
  const history = {
    undo: () => restore(past, undone, 1),
    redo: () => restore(undone, past, 0),
  };
  useKeys(
    editor
      ? within(1, {
          ...digitKeys(labels, (label) => editor.classify(label)),
          ...editorKeys(editor),
          "annotate.undo": history.undo,
          "annotate.redo": history.redo,
          "annotate.done": save,
          "review.close": () => editor.cancel() || stop(),
        })
      : {},
  );
  return { editor, start, stop, save, history };
}
