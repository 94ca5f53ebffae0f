/** The keys of annotating: tools, classes, objects, undo. */

import { useKeys, within } from "@/lib/use-keys";
import { digitKeys, editorKeys } from "../../labelling/editor-keys";
import { useUndo } from "../../labelling/use-undo";
import type { Annotation } from "./use-annotation";

export function useAnnotateKeys(
  { editor, target, classify }: Annotation,
  active: boolean,
  onDone: () => void,
): void {
  const { undo, redo } = useUndo();
  useKeys(
    active
      ? within(1, {
          ...digitKeys(target.classes, classify),
          ...editorKeys(editor),
          "annotate.undo": undo,
          "annotate.redo": redo,
          "annotate.done": onDone,
          "sample.close": () => editor?.cancel() ?? false,
        })
      : {},
  );
}
