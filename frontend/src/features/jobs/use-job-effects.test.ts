import { expect, test } from "vitest";
import type { Job } from "@/api/types";
import { changesSince } from "./use-job-effects";

const job = (id: number, state: Job["state"], done = 0) => ({ id, state, done }) as Job;
const seen = (...jobs: Job[]) => new Map(jobs.map((each) => [each.id, each]));

test("a job that ends is noticed once", () => {
  const running = job(1, "running", 5);
  const finished = job(1, "finished", 9);
  expect(changesSince(seen(running), [finished])).toEqual({ ended: [finished], paused: [], wrote: true });
  expect(changesSince(seen(finished), [finished])).toEqual({ ended: [], paused: [], wrote: false });
});

test("jobs that had ended before the page opened are no news", () => {
  expect(changesSince(null, [job(1, "finished", 9)])).toEqual({ ended: [], paused: [], wrote: false });
});

test("values that arrive are noticed while the job runs", () => {
  expect(changesSince(seen(job(1, "running", 5)), [job(1, "running", 6)]).wrote).toBe(true);
});

test("a job that was over before it was ever seen is news", () => {
  const quick = job(2, "finished", 9);
  expect(changesSince(seen(job(1, "finished")), [quick, job(1, "finished")])).toEqual({
    ended: [quick],
    paused: [],
    wrote: true,
  });
});

test("a job that pauses by itself is noticed once; one that a person paused is not", () => {
  const given = { ...job(1, "paused"), reason: "error_threshold" } as Job;
  expect(changesSince(seen(job(1, "running")), [given]).paused).toEqual([given]);
  expect(changesSince(seen(given), [given]).paused).toEqual([]);
  expect(changesSince(seen(job(1, "running")), [{ ...job(1, "paused"), reason: "" }]).paused).toEqual([]);
});

test("a job that was undone, or retried, between two looks has ended anew", () => {
  const finished = { ...job(1, "finished", 9), finished_at: "2026-01-01T10:00:00Z" } as Job;
  const undone = { ...finished, state: "undone" } as Job;
  const retried = { ...finished, finished_at: "2026-01-01T10:05:00Z" } as Job;
  expect(changesSince(seen(finished), [undone]).ended).toEqual([undone]);
  expect(changesSince(seen(finished), [retried]).ended).toEqual([retried]);
});
