/** What can be labelled: the fields of a dataset that a person can write, and the samples' tags. */

import { hasVoid, VOID } from "@/annotation/painter";
import { isShapeType } from "@/annotation/shapes";
import type { Facets, Field, Sample } from "@/api/types";

/** No field is called so. */
export const TAGS = "tags";

export const isTags = (target: string): boolean => target === TAGS;

const WRITTEN_BY_HAND: readonly Field["type"][] = ["classification", "classifications", "segmentation"];

export const canAnnotate = ({ type }: Field): boolean => WRITTEN_BY_HAND.includes(type) || isShapeType(type);

export const canAnnotateIn = (fields: readonly Field[]): Field[] => fields.filter(canAnnotate);

const MOST_KNOWN = 200;

/** The classes that can be given: those the field lists, else those that occur in it. A mask's background is none. */
export function classesOf(target: string, field: Field | undefined, facets: Facets | undefined): string[] {
  const counted = isTags(target) ? facets?.tags : facets?.fields[target]?.labels;
  const known = (counted ?? []).slice(0, MOST_KNOWN).map(({ label }) => label);
  if (field?.type === "segmentation" && field.classes.length)
    return [...field.classes.slice(1), ...(hasVoid(field.classes) ? [VOID.name] : [])];
  if (field?.classes.length) return field.classes;
  return known.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

export const valueIn = (sample: Sample, target: string): unknown =>
  isTags(target) ? sample.tags : (sample.values[target] ?? null);
