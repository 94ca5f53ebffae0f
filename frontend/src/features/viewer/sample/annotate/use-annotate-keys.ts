/** The keys of annotating: tools, classes, objects, undo. */

import type { ToolName } from "@/annotation/tools/tool";
import { useKeys, within } from "@/lib/use-keys";
import { useUndo } from "../../labelling/use-undo";
import type { Annotation } from "./use-annotation";

const TOOL_NAMES: readonly ToolName[] = [
  ...(["select", "box", "polygon", "polyline", "keypoints", "brush", "eraser", "pan"] as const),
];

export function useAnnotateKeys(
  { editor, target, classify }: Annotation,
  active: boolean,
  onDone: () => void,
): void {
  const { undo, redo } = useUndo();
  const digits = target.classes
    .slice(0, 9)
    .map((label, index): [string, () => boolean] => [String(index + 1), () => classify(label)]);
  const tools = TOOL_NAMES.map((name): [string, () => boolean] => [
    `annotate.${name}`,
    () => editor?.use(name) ?? false,
  ]);
  useKeys(
    active
      ? within(1, {
          ...Object.fromEntries(digits),
          ...Object.fromEntries(tools),
          "annotate.finish": () => editor?.finish() ?? false,
          "annotate.delete": () => editor?.remove() ?? false,
          "annotate.duplicate": () => editor?.duplicate() ?? false,
          "annotate.hide": () => editor?.hide(),
          "annotate.smaller": () => editor?.resizeBrush(-1),
          "annotate.larger": () => editor?.resizeBrush(1),
          "annotate.undo": undo,
          "annotate.redo": redo,
          "annotate.done": onDone,
          "sample.close": () => editor?.cancel() ?? false,
        })
      : {},
  );
}
