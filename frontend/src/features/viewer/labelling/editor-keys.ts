/** The keys of whoever draws, the same wherever something is drawn. */

import type { Easel } from "@/annotation/easel";
import { TOOL_NAMES } from "@/annotation/tools/tool";
import type { KeyMap } from "@/lib/use-keys";

const DIGITS = 9;

/** The classes of the digits. */
export const digitKeys = (labels: readonly string[], choose: (label: string) => unknown): KeyMap =>
  Object.fromEntries(labels.slice(0, DIGITS).map((label, index) => [String(index + 1), () => choose(label)]));

/** Without an editor each key is left to the next who wants it. */
export function editorKeys(editor: Easel | null): KeyMap {
  const tools = TOOL_NAMES.map((name) => [`annotate.${name}`, () => editor?.use(name) ?? false] as const);
  return {
    ...Object.fromEntries(tools),
    "annotate.finish": () => (editor ? editor.finish() : false),
    "annotate.delete": () => editor?.remove() ?? false,
    "annotate.duplicate": () => editor?.duplicate() ?? false,
    "annotate.hide": () => editor?.hide() ?? false,
    "annotate.smaller": () => (editor ? editor.resizeBrush(-1) : false),
    "annotate.larger": () => (editor ? editor.resizeBrush(1) : false),
  };
}
