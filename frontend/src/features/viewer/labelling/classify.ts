/** What a digit does to samples: their class, one of their classes, or a tag. */

import type { Part, Step } from "@/annotation/changes";
import { newId } from "@/annotation/shapes";
import type { FieldType, Sample } from "@/api/types";
import { labelsOf } from "@/components/values/labels";
import { plural } from "@/lib/format";
import { isTags } from "./targets";

interface Choice {
  target: string;
  /** Of the field; tags have none. */
  type: FieldType | undefined;
  label: string;
  current: (sample: Sample) => unknown;
}

/** The step that gives the samples a label; of several labels and tags, takes it away where all have it. */
export function labelStep(samples: readonly Sample[], choice: Choice): Step {
  const { target, type, label, current } = choice;
  const many = isTags(target) || type === "classifications";
  const takes = many && samples.every((sample) => has(current(sample), label));
  const parts = samples.flatMap((sample): Part[] => {
    const before = current(sample);
    const after = many ? toggled(before, choice, takes) : classified(before, label);
    return after === before ? [] : [{ sample: sample.id, name: sample.name, field: target, before, after }];
  });
  const [one] = parts;
  const where = parts.length === 1 && one ? one.name : plural(parts.length, "sample");
  return { what: `${takes ? "“" : "labelled “"}${label}”${takes ? " taken from" : ":"} ${where}`, parts };
}

const namesOf = (value: unknown): string[] =>
  Array.isArray(value) && typeof value[0] === "string"
    ? (value as string[])
    : labelsOf(value).map((each) => each.label);

const has = (value: unknown, label: string): boolean => namesOf(value).includes(label);

function classified(before: unknown, label: string): unknown {
  const [old] = labelsOf(before);
  // Said by a person, a model's guess is certain: the same label without its confidence.
  if (old && old.label === label && typeof old.confidence !== "number") return before;
  const { confidence: _, scores: __, ...kept } = (old ?? {}) as Record<string, unknown>;
  return { ...kept, label };
}

function toggled(before: unknown, { target, label }: Choice, takes: boolean): unknown {
  if (has(before, label) !== takes) return before;
  const old = Array.isArray(before) ? before : [];
  if (isTags(target)) return takes ? old.filter((tag) => tag !== label) : [...old, label];
  const after = takes ? old.filter((each) => each.label !== label) : [...old, { id: newId(), label }];
  return after.length > 0 ? after : null;
}
