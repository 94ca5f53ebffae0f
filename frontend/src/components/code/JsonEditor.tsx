/** A JSON editor that shows every fault at its own line: syntax as one types, the rest from the server. */

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { codeTheme } from "./code-theme";
import type { Mark } from "./json-marks";

interface Props {
  value: string;
  onChange?: (value: string) => void;
  marks?: readonly Mark[];
  label: string;
  hint?: string;
  readOnly?: boolean;
  maxHeight?: string;
}

export default function JsonEditor({
  value,
  onChange,
  marks = [],
  label,
  hint = "",
  readOnly = false,
  maxHeight = "24rem",
}: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useRef(onChange);
  changed.current = onChange;
  const first = useRef(value);

  useEffect(() => {
    if (!host.current) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          lineNumbers(),
          history(),
          indentOnInput(),
          bracketMatching(),
          readOnly ? [] : highlightActiveLine(),
          json(),
          lintGutter(),
          placeholder(hint),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          codeTheme,
          EditorView.theme({ ".cm-scroller": { maxHeight, minHeight: "5rem", overflow: "auto" } }),
          EditorView.contentAttributes.of({ "aria-label": label }),
          EditorState.readOnly.of(readOnly),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label, hint, readOnly, maxHeight]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const end = editor.state.doc.length;
    const diagnostics = marks.map((mark) => ({
      from: Math.min(mark.from, end),
      to: Math.min(Math.max(mark.to, mark.from), end),
      severity: "error" as const,
      message: mark.message,
    }));
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [marks]);

  return <div ref={host} data-testid="json-editor" />;
}
