/** What an action over many samples did, in a sentence. */

import type { BulkRequest } from "@/api/samples/change-samples";
import type { BulkReport, BulkUndone } from "@/api/types";
import { plural } from "@/lib/format";

const WHY = {
  gone: "no longer there",
  unchanged: "as wished already",
  too_many_tags: "full of tags",
};

/** "12 samples tagged “blurred”. 3 skipped: 2 as wished already, 1 no longer there." */
export function reportLine({ changed, skipped }: BulkReport, done: string): string {
  const missed = skipped.filter(({ count }) => count > 0);
  const first = `${plural(changed, "sample")} ${done}.`;
  if (missed.length === 0) return first;
  const total = missed.reduce((sum, { count }) => sum + count, 0);
  const reasons = missed.map(({ reason, count }) => `${count} ${WHY[reason] ?? reason}`);
  return `${first} ${total} skipped: ${reasons.join(", ")}.`;
}

/** Of an order for more samples than one request changes. */
export function jobLine(action: BulkRequest["action"]): string {
  const first = "That many samples are a job: the Execution tab shows how far it is";
  return action === "delete" ? `${first}. What is deleted stays deleted.` : `${first}, and can undo it.`;
}

export function undoneLine({ restored, kept }: BulkUndone): string {
  const first = `${plural(restored, "sample")} as before.`;
  return kept > 0 ? `${first} ${plural(kept, "sample")} changed since stayed.` : first;
}
