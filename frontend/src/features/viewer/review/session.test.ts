import { expect, test } from "vitest";
import type { ReviewCounts, Sample } from "@/api/types";
import * as session from "./session";

const sample = (id: number) => ({ id, name: `s${id}` }) as Sample;
const none = { accepted: 0, rejected: 0, corrected: 0 };
const counts = (done: number, left: number, more: Partial<ReviewCounts> = {}): ReviewCounts => ({
  ...{ total: done + left, done, left, claimed: left, yours: left },
  ...none,
  ...more,
});
const ids = ({ samples }: session.Session) => samples.map(({ id }) => id);
const having = (...given: number[]) =>
  session.refilled(session.NEW, given.length, { results: given.map(sample), counts: counts(0, 9) });

test("a decision shows the next sample at once and is counted before the server answers", () => {
  const now = session.decided(having(1, 2, 3), 1, "accept");
  expect(session.current(now)?.id).toBe(2);
  expect(session.countsOf(now)).toMatchObject({ done: 1, left: 8, accepted: 1, yours: 8 });
  const answered = session.answered(now, 1, counts(1, 8, { accepted: 1 }));
  expect(session.countsOf(answered)).toMatchObject({ done: 1, left: 8, accepted: 1 });
});

test("answers that come late take nothing back that was decided since", () => {
  let now = session.decided(having(1, 2, 3), 1, "accept");
  now = session.decided(now, 2, "reject");
  now = session.answered(now, 1, counts(1, 8, { accepted: 1 }));
  expect(session.countsOf(now)).toMatchObject({ done: 2, left: 7, accepted: 1, rejected: 1 });
});

test("what is on its way is not given out again by a claim", () => {
  const now = session.decided(having(1, 2), 1, "accept");
  const more = session.refilled(now, 7, { results: [1, 2, 3, 4].map(sample), counts: counts(0, 9) });
  expect(ids(more)).toEqual([2, 3, 4]);
});

test("more is asked for before the last one is shown, and not when nothing more was there", () => {
  expect(session.isShort(session.NEW)).toBe(true);
  expect(session.isShort(having(1, 2, 3))).toBe(false);
  expect(session.isShort(session.stepped(having(1, 2, 3), 1))).toBe(true);
  const last = session.refilled(session.NEW, 5, { results: [sample(1)], counts: counts(0, 1) });
  expect(session.isShort(last)).toBe(false);
});

test("it is over when the server has nothing more after the last one", () => {
  let now = session.refilled(session.NEW, 5, { results: [sample(1)], counts: counts(0, 1) });
  now = session.answered(session.decided(now, 1, "accept"), 1, counts(1, 0));
  expect(session.isOver(now)).toBe(false);
  expect(session.isShort(now)).toBe(true);
  expect(session.isOver(session.refilled(now, 5, { results: [], counts: counts(1, 0) }))).toBe(true);
});

test("a sample that comes back is shown, whatever was shown", () => {
  const now = session.decided(having(1, 2, 3), 1, "accept");
  const back = session.returned(session.stepped(now, 1), sample(1), counts(0, 9));
  expect(session.current(back)?.id).toBe(1);
  expect(ids(back)).toEqual([2, 1, 3]);
  expect(session.countsOf(back)).toMatchObject({ done: 0, left: 9 });
});

test("what somebody else took in the meantime goes, and the shown one stays", () => {
  const now = session.stepped(having(1, 2, 3), 1);
  const more = session.refilled(now, 8, { results: [2, 3, 4].map(sample), counts: counts(0, 9) });
  expect(ids(more)).toEqual([2, 3, 4]);
  expect(session.current(more)?.id).toBe(2);
});

test("behind the last one comes the first that was skipped", () => {
  const last = session.stepped(session.stepped(having(1, 2), 1), 1);
  expect(session.current(last)?.id).toBe(1);
  expect(session.stepped(session.NEW, 1).at).toBe(0);
});
