/** What of a sample's values lies on its picture: the labels with a place in it, and masks of all of it. */

import { type ShapeLabel, shapesOf } from "@/annotation/shapes";
import type { Field } from "@/api/types";
import { isDrawn } from "@/components/values/labels";
import { type ColourBy, colourIn } from "@/lib/colours";
import { type Mask, maskOf } from "../mask-pictures";

/** Boxes, lines or points of one field. */
export interface Outlines {
  labels: readonly ShapeLabel[];
  colourOf: (label: ShapeLabel) => string;
}

export interface Overlays {
  masks: Mask[];
  outlines: Outlines[];
}

export function overlaysOf(fields: Field[], values: Record<string, unknown>, by: ColourBy): Overlays {
  const drawn = fields.filter(({ type }) => isDrawn(type));
  return {
    masks: drawn.flatMap((field) => maskOf(field, values[field.name], by)),
    outlines: drawn.flatMap((field) => {
      const labels = shapesOf(values[field.name]);
      const colourOf = ({ label }: ShapeLabel) => colourIn(field, label, by);
      return labels.length > 0 ? [{ labels, colourOf }] : [];
    }),
  };
}
