/** The present view as it would be saved, and whether it still is as it was. */

import type { ViewFacts } from "@/api/views/save-view";

type Facts = Pick<ViewFacts, "filter" | "sort" | "fields">;

/** The same text for the same content: a database may keep an object's keys in another order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}

const parts = ({ filter, sort, fields }: Facts) =>
  canonical([filter ?? null, sort ?? null, fields && [...fields].sort()]);

/** Whether both show the same; fields that a view leaves open count for nothing. */
export const isSame = (one: Facts, other: Facts): boolean =>
  one.fields === null || other.fields === null
    ? parts({ ...one, fields: null }) === parts({ ...other, fields: null })
    : parts(one) === parts(other);
