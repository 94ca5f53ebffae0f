import { expect, test } from "vitest";
import type { Job } from "@/api/types";
import { endOf, stageOf } from "./stages";

const job = (facts: Partial<Job>): Job =>
  ({ state: "running", total: 8, done: 0, failed: 0, skipped: 0, replicas: [], ...facts }) as Job;

test("while nothing is done, it says what is waited for", () => {
  expect(stageOf([job({ state: "queued" })])).toEqual({ text: "Waiting for its turn", share: null });
  expect(stageOf([job({ state: "queued" })], ["building"]).text).toBe("Building the model's environment");
  expect(stageOf([job({})], ["ready"]).text).toBe("Starting the model");
  expect(stageOf([job({ replicas: [{ id: 1, state: "loading", done: 0 }] })]).text).toBe("Loading the model");
  expect(stageOf([job({ state: "paused" })]).text).toBe("Paused");
});

test("then how far it is, over all models", () => {
  expect(stageOf([job({ done: 3 }), job({ done: 8, state: "finished" })])).toEqual({
    text: "11 of 16",
    share: 11 / 16,
  });
});

test("at the end what came of it", () => {
  const end = (...jobs: Partial<Job>[]) =>
    stageOf(jobs.map((facts) => job({ state: "finished", ...facts }))).text;
  expect(end({ done: 8 })).toBe("Tried the model on 8 samples");
  expect(end({ done: 7, failed: 1 })).toBe("Tried the model on 8 samples, 1 failed");
  expect(end({ done: 8 }, { done: 6, failed: 2 })).toBe("Tried 2 models on 8 samples, 2 failed");
  expect(end({ state: "cancelled", done: 2 })).toBe("Stopped after 2 of 8");
  expect(end({ state: "failed" }, { done: 8 })).toBe("The model could not be run");
});

test("of a log the end is shown", () => {
  expect(endOf("1\n2\n3\n4\n", 2)).toBe("3\n4");
  expect(endOf("")).toBe("");
});
