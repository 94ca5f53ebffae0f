/** Two people's values of one field as one. */

import { newId } from "./shapes";

interface Named {
  id?: string;
  label: string;
}

export const isSame = (one: unknown, other: unknown): boolean => stable(one) === stable(other);

/** JSON with sorted keys: the same text for the same value. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, each) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

export const canMerge = (mine: unknown, theirs: unknown): boolean =>
  Array.isArray(mine) && Array.isArray(theirs);

/** Mine, then what only they have. A label that both changed stands there twice, theirs under an id of its own. */
export function merged(type: string, mine: readonly Named[], theirs: readonly Named[]): Named[] {
  if (type === "classifications") {
    const labels = new Set(mine.map(({ label }) => label));
    return [...mine, ...theirs.filter(({ label }) => !labels.has(label))];
  }
  const byId = new Map(mine.map((label) => [label.id, label]));
  const added = theirs.flatMap((label) => {
    const own = byId.get(label.id);
    if (!own) return [label];
    return isSame(own, label) ? [] : [{ ...label, id: newId() }];
  });
  return [...mine, ...added];
}
