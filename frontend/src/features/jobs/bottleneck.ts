/** What binds a job, in words: the shares of its work, which is the largest, and what can be done about it. */

import type { Bottleneck } from "@/api/types";

export type Part = keyof Bottleneck;

export const PARTS: readonly Part[] = ["decode", "model", "write"];

export const PART_WORDS: Record<Part, { bound: string; label: string; colour: string; advice: string }> = {
  decode: {
    bound: "Bound by decoding",
    label: "decode",
    colour: "var(--mantine-color-blue-6)",
    advice:
      "Most of the time goes into reading and decoding images. Smaller images or more processor cores help; more replicas do not.",
  },
  model: {
    bound: "Bound by the model",
    label: "model",
    colour: "var(--mantine-color-petrol-5)",
    advice:
      "Most of the time goes into the model itself. More replicas help while cores are free; so do a larger mini-batch, a smaller network or a GPU.",
  },
  write: {
    bound: "Bound by writing",
    label: "write",
    colour: "var(--mantine-color-orange-8)",
    advice:
      "Most of the time goes into storing the values. A faster disk, PostgreSQL instead of SQLite, or fewer and smaller outputs help.",
  },
};

/** Whole per cents that add up to 100, the largest remainders rounded up. */
export function percentages(bottleneck: Bottleneck): Record<Part, number> {
  const sum = PARTS.reduce((total, part) => total + bottleneck[part], 0) || 1;
  const exact = PARTS.map((part) => ({ part, share: (bottleneck[part] / sum) * 100 }));
  const whole = Object.fromEntries(exact.map(({ part, share }) => [part, Math.floor(share)])) as Record<
    Part,
    number
  >;
  const lacking = 100 - PARTS.reduce((total, part) => total + whole[part], 0);
  const byRemainder = exact.toSorted((a, b) => (b.share % 1) - (a.share % 1));
  for (const { part } of byRemainder.slice(0, lacking)) whole[part] += 1;
  return whole;
}

/** The part that takes the most; the first of equals. */
export function boundBy(bottleneck: Bottleneck): Part {
  return PARTS.reduce((most, part) => (bottleneck[part] > bottleneck[most] ? part : most));
}
