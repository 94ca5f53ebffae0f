/** What a field's value says in a few words: chips on thumbnails and the groups of the panel. */

import type { Field, FieldType } from "@/api/types";
import { type ColourBy, colourIn, colourOf } from "@/lib/colours";
import { number } from "@/lib/format";

export interface Chip {
  text: string;
  confidence: number | null;
  colour: string;
}

/** What of a field has to be known to tell its values. */
export type Told = Pick<Field, "name" | "type" | "colors"> & Partial<Pick<Field, "classes">>;

export interface Labelled {
  label: string;
  confidence?: number | null;
}

export const LABEL_TYPES: readonly FieldType[] = [
  "classification",
  "classifications",
  "detections",
  "polylines",
  "keypoints",
  "segmentation",
  "heatmap",
  "regression",
  "embedding",
];

export const isLabelType = (type: FieldType): boolean => LABEL_TYPES.includes(type);

/** Types whose values are told by a label, so that they are filtered by `field.label`. */
export const hasLabels = (type: FieldType): boolean =>
  ["classification", "classifications", "detections", "polylines", "keypoints"].includes(type);

/** Types whose labels lie somewhere on the picture, and so are drawn there. */
export const isDrawn = (type: FieldType): boolean =>
  ["detections", "polylines", "keypoints", "segmentation", "heatmap"].includes(type);

/** Types that have a number for each pixel. */
export const isPixels = (type: FieldType): boolean => type === "segmentation" || type === "heatmap";

/** Width and height of a mask, as it is read or as it was painted. */
export function sizeOf(value: unknown): [number, number] | null {
  const { width, height, size } = (value ?? {}) as { width?: unknown; height?: unknown; size?: unknown };
  const [down, across] = Array.isArray(size) ? size : [height, width];
  return typeof across === "number" && typeof down === "number" ? [across, down] : null;
}

const isLabelled = (value: unknown): value is Labelled =>
  typeof value === "object" && value !== null && typeof (value as Labelled).label === "string";

/** The labels of a value, whatever its type: one, many or none. */
export function labelsOf(value: unknown): Labelled[] {
  if (isLabelled(value)) return [value];
  return Array.isArray(value) ? value.filter(isLabelled) : [];
}

/** [x, y, width, height] of a label in shares of the picture, if it has such a box. */
export function boxOf(label: Labelled): [number, number, number, number] | null {
  const box = (label as { bounding_box?: unknown }).bounding_box;
  if (!Array.isArray(box) || box.length !== 4 || !box.every((side) => typeof side === "number")) return null;
  return box as [number, number, number, number];
}

/** The number of a `number`, `integer` or `regression` value. */
export function numberOf(value: unknown): number | null {
  const inner = typeof value === "object" && value !== null ? (value as { value?: unknown }).value : value;
  return typeof inner === "number" ? inner : null;
}

function plainText(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "true" : "false";
  const found = numberOf(value);
  return found === null ? null : number(found);
}

/** Many boxes of one label become one chip, "car ×12", with the highest confidence. */
function grouped(field: Told, labels: Labelled[], colourBy: ColourBy): Chip[] {
  const groups = new Map<string, { times: number; confidence: number | null }>();
  for (const { label, confidence = null } of labels) {
    const group = groups.get(label) ?? { times: 0, confidence: null };
    const best = Math.max(group.confidence ?? -1, confidence ?? -1);
    groups.set(label, { times: group.times + 1, confidence: best < 0 ? null : best });
  }
  return [...groups].map(([label, { times, confidence }]) => ({
    text: times > 1 ? `${label} ×${times}` : label,
    confidence,
    colour: colourIn(field, label, colourBy),
  }));
}

/** The chips of a sample for those who cannot see them: "ground_truth: 3, cnn_predictions: 8 (0.62)". */
export function spoken(fields: Told[], values: Record<string, unknown>): string {
  return fields
    .flatMap((field) =>
      chipsOf(field, values[field.name]).map(
        ({ text, confidence }) =>
          `${field.name}: ${text}${confidence === null ? "" : ` (${confidence.toFixed(2)})`}`,
      ),
    )
    .join(", ");
}

export function chipsOf(field: Told, value: unknown, colourBy: ColourBy = "label"): Chip[] {
  if (value === null || value === undefined) return [];
  if (hasLabels(field.type)) return grouped(field, labelsOf(value), colourBy);
  if (["embedding", "segmentation", "heatmap", "object", "array"].includes(field.type)) return [];
  const text = plainText(value);
  return text === null ? [] : [{ text, confidence: null, colour: colourOf(field.name) }];
}
