/** The samples that somebody has in a review: which is shown, which are on their way to the server, and how far it is. */

import type { ReviewCounts, ReviewDecision, Sample } from "@/api/types";

export interface Session {
  samples: readonly Sample[];
  /** Place of the one that is shown. */
  at: number;
  /** As the server said last; null before it said anything. */
  counts: ReviewCounts | null;
  /** Decided here, and not answered yet. */
  sent: readonly Sent[];
  /** Nothing more was there for this person when it was asked for last. */
  isExhausted: boolean;
}

export interface Sent {
  id: number;
  decision: ReviewDecision;
}

/** How many more are asked for at once, and at how few the next ones are. */
export const AHEAD = 5;
const FEW = 2;
const MOST = 50;

export const NEW: Session = { samples: [], at: 0, counts: null, sent: [], isExhausted: false };

export const current = ({ samples, at }: Session): Sample | undefined => samples[at];

const placed = (session: Session, samples: readonly Sample[], at: number): Session => ({
  ...session,
  samples,
  at: Math.max(0, Math.min(at, samples.length - 1)),
});

/** How many to ask for, with those that are here. */
export const wanted = ({ samples, sent }: Session): number =>
  Math.min(MOST, samples.length + sent.length + AHEAD);

export const isShort = ({ samples, at, isExhausted }: Session): boolean =>
  !isExhausted && samples.length - at <= FEW && samples.length < MOST;

/** Everything was decided, or is with others. */
export const isOver = ({ samples, sent, isExhausted }: Session): boolean =>
  samples.length === 0 && sent.length === 0 && isExhausted;

/** The next one is shown at once; the server's answer comes later. */
export function decided(session: Session, id: number, decision: ReviewDecision): Session {
  const place = session.samples.findIndex((sample) => sample.id === id);
  if (place < 0) return session;
  const samples = session.samples.filter((sample) => sample.id !== id);
  const at = place < session.at ? session.at - 1 : session.at;
  const sent = [...session.sent, { id, decision }];
  // Behind the last one the server is asked once more: others may have given something back.
  return { ...placed(session, samples, at), sent, isExhausted: session.isExhausted && samples.length > 0 };
}

/** The server has it, or will not have it: it is not on its way any more. */
export function answered(session: Session, id: number, counts?: ReviewCounts): Session {
  const sent = session.sent.filter((each) => each.id !== id);
  return { ...session, sent, counts: counts ?? session.counts };
}

/** A sample comes back, to be decided again, and is shown. */
export function returned(session: Session, sample: Sample, counts?: ReviewCounts): Session {
  const others = session.samples.filter(({ id }) => id !== sample.id);
  const at = Math.min(session.at, others.length);
  const samples = [...others.slice(0, at), sample, ...others.slice(at)];
  return { ...answered(session, sample.id, counts), samples, at };
}

/** What the server says that this person has: new ones come last, those that somebody else took in the meantime go. */
export function refilled(
  session: Session,
  asked: number,
  { results, counts }: { results: readonly Sample[]; counts: ReviewCounts },
): Session {
  const open = results.filter(({ id }) => !session.sent.some((each) => each.id === id));
  const known = session.samples.filter(({ id }) => open.some((sample) => sample.id === id));
  const fresh = open.filter(({ id }) => !known.some((sample) => sample.id === id));
  const shown = current(session);
  const place = known.findIndex(({ id }) => id === shown?.id);
  return {
    ...placed(session, [...known, ...fresh], place < 0 ? session.at : place),
    counts,
    isExhausted: results.length < asked,
  };
}

/** Skips to the next, or goes back; behind the last one comes the first again. */
export function stepped(session: Session, by: 1 | -1): Session {
  const { length } = session.samples;
  return length === 0 ? session : { ...session, at: (session.at + by + length) % length };
}

const COUNTED = { accept: "accepted", reject: "rejected", correct: "corrected" } as const;

/** The server's counts with what is still on its way. */
export function countsOf({ counts, sent }: Session): ReviewCounts | null {
  if (!counts) return null;
  const shown = { ...counts, done: counts.done + sent.length, left: counts.left - sent.length };
  for (const { decision } of sent) shown[COUNTED[decision]] += 1;
  return { ...shown, yours: counts.yours - sent.length, claimed: counts.claimed - sent.length };
}
