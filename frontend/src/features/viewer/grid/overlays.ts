/** What of a sample's values lies on its picture: the labels with a place in it, and masks of all of it. */

import { type ShapeLabel, shapesOf } from "@/annotation/shapes";
import type { Field } from "@/api/types";
import { isDrawn } from "@/components/values/labels";
import { type ColourBy, colourIn } from "@/lib/colours";

/** Boxes, lines or points of one field. */
export interface Outlines {
  labels: readonly ShapeLabel[];
  colourOf: (label: ShapeLabel) => string;
}

/** A picture of class numbers, or of heat. */
export interface Mask {
  url: string;
  isHeat: boolean;
  /** The colour of each class number. */
  colourOf: (index: number) => string;
  /** The same for what looks the same. */
  key: string;
}

export interface Overlays {
  masks: Mask[];
  outlines: Outlines[];
}

function maskOf(field: Field, value: unknown, by: ColourBy): Mask[] {
  const url = (value as { url?: unknown } | null | undefined)?.url;
  if (typeof url !== "string") return [];
  const colourOf = (index: number) => colourIn(field, field.classes[index] ?? String(index), by);
  const key = JSON.stringify([url, by, field.name, field.colors, field.classes]);
  return [{ url, isHeat: field.type === "heatmap", colourOf, key }];
}

const isMask = ({ type }: Field): boolean => type === "segmentation" || type === "heatmap";

export function overlaysOf(fields: Field[], values: Record<string, unknown>, by: ColourBy): Overlays {
  const drawn = fields.filter(({ type }) => isDrawn(type));
  return {
    masks: drawn.filter(isMask).flatMap((field) => maskOf(field, values[field.name], by)),
    outlines: drawn.flatMap((field) => {
      const labels = shapesOf(values[field.name]);
      const colourOf = ({ label }: ShapeLabel) => colourIn(field, label, by);
      return labels.length > 0 ? [{ labels, colourOf }] : [];
    }),
  };
}
