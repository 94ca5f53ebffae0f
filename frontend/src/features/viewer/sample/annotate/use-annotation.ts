/** Annotating one sample: what is labelled, the editor of its shapes, and where a change goes. */

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Part } from "@/annotation/changes";
import type { Easel } from "@/annotation/easel";
import { Editor } from "@/annotation/editor";
import { Painter } from "@/annotation/painter";
import { isShapeType, shapesOf } from "@/annotation/shapes";
import { TOOLS, type ToolName } from "@/annotation/tools/tool";
import type { Sample } from "@/api/types";
import { labelStep } from "../../labelling/classify";
import { useLabelling } from "../../labelling/context";
import { isTags, valueIn } from "../../labelling/targets";
import { type Target, useTarget } from "../../labelling/use-target";
import { useStandingMask } from "./use-standing-mask";

/** A change of a model's value that waits for somebody to say where it belongs. */
export interface Question {
  field: string;
  what: string;
  part: Part;
}

export interface Annotation {
  target: Target;
  editor: Easel | null;
  /** Gives the sample (or the selected shape) this class; false where that changes nothing. */
  classify: (label: string) => boolean;
  question: Question | null;
  answer: (field: string | null) => void;
  /** Whether what stands there was written by a model. */
  isModels: boolean;
  /** Why what stands there cannot be painted on, where that is so. */
  unread: unknown;
}

/** What is drawn where the field has no class yet: a label cannot be empty. */
const ANY = "object";

interface Kept {
  tool?: ToolName;
  label?: string;
}

export function useAnnotation(sample: Sample | undefined, active: boolean): Annotation {
  const labelling = useLabelling();
  const target = useTarget();
  const { name, field, classes } = target;
  const kept = useRef<Kept>({});
  const [question, setQuestion] = useState<Question | null>(null);
  // Where corrections of a model's field go, as answered once for as long as the page is open.
  const answers = useRef(new Map<string, string>());
  const choose = useRef(target.choose);
  choose.current = target.choose;
  const latest = useRef(sample);
  latest.current = sample;
  const isModels =
    sample !== undefined &&
    name !== null &&
    sample.provenance[name]?.source === "model" &&
    !labelling?.saver.pending(sample.id, name);

  const write = useCallback(
    (part: Part, what: string, to: string) => {
      const current = latest.current;
      if (!labelling || !current) return;
      const before = to === part.field ? part.before : labelling.value(current, to);
      labelling.make({ what: `${what} on ${part.name}`, parts: [{ ...part, field: to, before }] });
      if (to !== part.field) choose.current(to);
    },
    [labelling],
  );
  const change = useCallback(
    (part: Part, what: string) => {
      const of = latest.current;
      const asks =
        of?.provenance[part.field]?.source === "model" && !labelling?.saver.pending(part.sample, part.field);
      const to = asks ? answers.current.get(part.field) : part.field;
      if (to === undefined) setQuestion({ field: part.field, what, part });
      else write(part, what, to);
    },
    [labelling, write],
  );

  const id = sample?.id;
  const type = field?.type;
  const editor = useMemo(() => {
    const current = latest.current;
    if (!active || id === undefined || !current || !type || name === null) return null;
    if (type !== "segmentation" && !isShapeType(type)) return null;
    const commit = (after: unknown, what: string) => {
      const now = latest.current;
      if (!now || now.id !== id) return;
      const before = labelling?.value(now, name) ?? null;
      // An empty list says that somebody looked and there is nothing.
      change({ sample: id, field: name, name: now.name, before, after }, what);
    };
    const { label, tool } = kept.current;
    const start = {
      ...(label === undefined ? {} : { label }),
      ...(tool !== undefined && TOOLS[type].includes(tool) ? { tool } : {}),
    };
    const picture = { width: current.width, height: current.height };
    return type === "segmentation"
      ? new Painter(picture, commit, start)
      : new Editor(type, picture, commit, start);
  }, [active, id, type, name, labelling, change]);

  const value = sample && name !== null ? valueIn(sample, name) : null;
  const painter = editor instanceof Painter ? editor : null;
  const unread = useStandingMask(painter, {
    value,
    revision: (name !== null && sample?.provenance[name]?.revision) || 0,
    isPending:
      sample !== undefined && name !== null && labelling?.saver.pending(sample.id, name) !== undefined,
  });
  useEffect(() => {
    if (editor instanceof Editor) editor.load(shapesOf(value));
  }, [editor, value]);
  useEffect(() => {
    if (painter) painter.classes = field?.classes ?? [];
  }, [painter, field?.classes]);
  useEffect(() => {
    // A class that another field had is none of this one.
    const label = kept.current.label;
    const fits = label !== undefined && (classes.length === 0 || classes.includes(label));
    if (editor && !fits) editor.draw(classes[0] ?? ANY);
  }, [editor, classes]);
  useEffect(
    () =>
      editor?.subscribe(() => {
        const { tool, label } = editor.snapshot();
        kept.current = { tool, label };
      }),
    [editor],
  );

  function classify(label: string): boolean {
    const current = latest.current;
    if (!active || !current || !labelling || name === null) return false;
    if (editor) {
      editor.classify(label);
      return true;
    }
    const choice = { target: name, type, label, current: (of: Sample) => labelling.value(of, name) };
    const [part] = labelStep([current], choice).parts;
    if (!part) return true;
    const gains = isTags(name) || type === "classifications" ? "changed" : "given";
    change(part, `“${label}” ${gains}`);
    return true;
  }

  function answer(to: string | null) {
    if (!question) return;
    setQuestion(null);
    if (to === null) editor?.revert(question.part.before);
    else {
      answers.current.set(question.field, to);
      write(question.part, question.what, to);
    }
  }

  return { target, editor, classify, question, answer, isModels, unread };
}
