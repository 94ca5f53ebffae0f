import { expect, test } from "vitest";
import type { Job, Me } from "@/api/types";
import {
  accounted,
  elapsed,
  isReadInFull,
  progressLine,
  retryLabel,
  stateOf,
  undoLine,
  why,
} from "./job-words";

const job = (facts: Partial<Job>): Job =>
  ({
    state: "running",
    reason: "",
    total: 1797,
    done: 1000,
    failed: 20,
    skipped: 4,
    cancelled: 0,
    rate: 210.4,
    eta_seconds: 3.7,
    replicas: [],
    waiting_for: null,
    started_at: "2026-01-01T10:00:00Z",
    finished_at: null,
    error: null,
    ...facts,
  }) as Job;

test("progress counts every sample that has an outcome", () => {
  expect(accounted(job({}))).toBe(1024);
  expect(progressLine(job({}))).toBe("1,024 / 1,797 · 210 samples/s · 4 s left");
  expect(progressLine(job({ state: "finished", rate: null }))).toBe("1,024 / 1,797");
});

test("elapsed time runs until the end", () => {
  const now = Date.parse("2026-01-01T10:01:00Z");
  expect(elapsed(job({}), now)).toBe(60);
  expect(elapsed(job({ state: "finished", finished_at: "2026-01-01T10:00:08Z" }), now)).toBe(8);
  expect(elapsed(job({ started_at: null }), now)).toBeNull();
  expect(elapsed(job({ state: "paused" }), now)).toBeNull();
});

test("the error is told before the reason", () => {
  expect(why(job({ error: { code: "x", message: "No module named foo" } }))).toBe("No module named foo");
  expect(why(job({ reason: "rights" }))).toBe("rights");
  expect(why(job({}))).toBeNull();
});

test("a running job that nobody works on waits, and says for what", () => {
  expect(stateOf(job({})).text).toBe("Running");
  const waiting = job({
    waiting_for: "executor",
    done: 0,
    failed: 0,
    skipped: 0,
    rate: null,
    eta_seconds: null,
  });
  expect(stateOf(waiting).text).toBe("Waiting");
  expect(progressLine(waiting)).toBe("0 / 1,797");
  expect(why(waiting)).toContain("samplecase executor");
  expect(why(job({ waiting_for: "turn" }))).toContain("its turn");
  expect(stateOf(job({ waiting_for: "turn", state: "paused" })).text).toBe("Paused");
});

test("a job that paused since everything failed says what resuming does", () => {
  const facts = { state: "paused", reason: "error_threshold", done: 0, skipped: 0 } as const;
  expect(why(job({ ...facts, failed: 50 }))).toBe(
    "All of the first 50 samples failed, so the job paused before it spends more. Resume runs the other 1,747 however many fail; Cancel ends the job here.",
  );
  expect(why(job({ ...facts, total: 12, failed: 12 }))).toContain("Resume ends it as finished");
});

test("before the first sample it says what is waited for", () => {
  const fresh = { done: 0, failed: 0, skipped: 0, rate: null, eta_seconds: null };
  expect(progressLine(job(fresh))).toBe("0 / 1,797 · starting");
  expect(progressLine(job({ ...fresh, replicas: [{ id: 4, state: "loading", done: 0 }] }))).toBe(
    "0 / 1,797 · loading the model",
  );
  expect(progressLine(job({ ...fresh, state: "queued" }))).toBe("0 / 1,797");
});

test("trying again is named by what it runs", () => {
  expect(retryLabel({ cancelled: 0 })).toBe("Retry failed");
  expect(retryLabel({ cancelled: 12 })).toBe("Run the rest");
});

test("a paused job has no pace", () => {
  expect(progressLine(job({ state: "paused" }))).toBe("1,024 / 1,797");
});

test("log and messages are the owner's and superusers'", () => {
  const me = { username: "ann", is_superuser: false } as Me;
  expect(isReadInFull({ owner: "ann" }, me)).toBe(true);
  expect(isReadInFull({ owner: "bob" }, me)).toBe(false);
  expect(isReadInFull({ owner: "bob" }, { ...me, is_superuser: true })).toBe(true);
  expect(isReadInFull({ owner: "ann" }, undefined)).toBe(false);
});

test("an undo says what it took back and what it had to leave", () => {
  expect(undoLine({ undo: { restored: 1, kept: 0 } })).toBe("1 value was taken back.");
  expect(undoLine({ undo: { restored: 1790, kept: 7 } })).toBe(
    "1,790 values were taken back; 7 stay, for others have changed them since.",
  );
});
