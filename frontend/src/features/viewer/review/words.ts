/** How far a review is, and in which order it goes, in words. */

import type { ReviewCounts } from "@/api/types";
import { count } from "@/lib/format";

/** "12 done, 48 left, 2 with others". */
export function progressWords({ done, left, claimed, yours }: ReviewCounts): string {
  const others = claimed - yours;
  return [
    `${count(done)} done`,
    `${count(left)} left`,
    ...(others > 0 ? [`${count(others)} with others`] : []),
  ].join(", ");
}

/** "31 accepted, 4 rejected, 5 corrected"; what never happened is left out. */
export function outcomeWords({ accepted, rejected, corrected }: ReviewCounts): string {
  const parts = [
    [accepted, "accepted"],
    [rejected, "rejected"],
    [corrected, "corrected"],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, word]) => `${count(number)} ${word}`);
  return told.join(", ");
}

export function orderWords(order: string, source: string): string {
  if (order === "confidence" || order === `${source}.confidence`) return "least confident first";
  if (order === "-confidence" || order === `-${source}.confidence`) return "most confident first";
  const pair = /^-compare:(.+),(.+)$/.exec(order)?.slice(1);
  if (pair?.includes(source)) return `most disagreeing with ${pair.find((name) => name !== source)} first`;
  return order.startsWith("-") ? `by ${order.slice(1)}, descending` : `by ${order}`;
}
