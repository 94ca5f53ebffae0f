/** Labels of a file and what they become here. */

import type { Field, ImportedField } from "@/api/types";

export interface LabelRow {
  label: string;
  count: number;
  /** Null: left out. */
  target: string | null;
  isKnown: boolean;
}

export type ClassMap = Readonly<Record<string, string | null>>;
export type Targets = Readonly<Record<string, string | null>>;

/** Where each field of the file goes, as the server proposed it. */
export function proposedTargets(fields: ImportedField[]): Targets {
  return Object.fromEntries(fields.map(({ name, target }) => [name, target]));
}

/** The classes of the fields that something goes to; empty where one of them takes any. */
export function classesOf(targets: Targets, fields: Field[]): ReadonlySet<string> {
  const wanted = Object.values(targets);
  const chosen = fields.filter(({ name }) => wanted.includes(name));
  if (chosen.some(({ classes }) => classes.length === 0)) return new Set();
  return new Set(chosen.flatMap(({ classes }) => classes));
}

/** A row for each label of the fields that are taken, in the file's order. */
export function labelRows(
  fields: ImportedField[],
  targets: Targets,
  map: ClassMap,
  known: ReadonlySet<string>,
): LabelRow[] {
  const counts = new Map<string, number>();
  for (const field of fields) {
    if (targets[field.name] === null) continue;
    for (const { label, count } of field.labels) counts.set(label, (counts.get(label) ?? 0) + count);
  }
  return [...counts].map(([label, count]) => {
    const target = label in map ? (map[label] ?? null) : label;
    return { label, count, target, isKnown: target === null || known.size === 0 || known.has(target) };
  });
}

/** The map without what stays as it is. */
export function sentMap(map: ClassMap): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(map).filter(
      ([label, target]) => target === null || (target.trim() !== "" && target !== label),
    ),
  );
}
