/** Which fields can be compared with which: those of one kind. */

import type { Field, FieldType } from "@/api/types";

const KINDS: Partial<Record<FieldType, string>> = {
  classification: "classification",
  classifications: "classifications",
  detections: "detections",
  segmentation: "segmentation",
  regression: "regression",
  number: "regression",
  integer: "regression",
};

export const kindOf = (field: Field): string | undefined => KINDS[field.type];

/** Fields that have another one to be compared with. */
export function comparable(fields: Field[]): Field[] {
  return fields.filter((field) => fitting(fields, field).length > 0);
}

/** What this field can be compared with. */
export function fitting(fields: Field[], field: Field | undefined): Field[] {
  const kind = field && kindOf(field);
  return kind ? fields.filter((other) => other.name !== field.name && kindOf(other) === kind) : [];
}

/** The likeliest truth among the fields that fit: named like one, else one that no job made. */
export function likelyTruth(fields: Field[]): Field | undefined {
  return (
    fields.find(({ name }) => /truth|label/.test(name)) ??
    fields.find(({ created_by_job }) => created_by_job === null) ??
    fields[0]
  );
}

/** The likeliest predictions: what a job wrote last. */
export function likelyPredictions(fields: Field[]): Field | undefined {
  const made = fields.filter(({ created_by_job }) => created_by_job !== null);
  return (
    made.sort((a, b) => (b.created_by_job ?? 0) - (a.created_by_job ?? 0))[0] ??
    fields.find(({ name }) => !/truth/.test(name)) ??
    fields[0]
  );
}
