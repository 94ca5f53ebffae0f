import { expect, test } from "vitest";
import type { Plan } from "@/api/types";
import { layoutWords, planFacts, times } from "./plan-words";

const plan: Plan = {
  graph: "frozen",
  precision: "bf16",
  channels_last: true,
  decode: "torch",
  mini_batch: 16,
  num_replicas: 2,
  threads: 1,
};

test("a layout is said in words, one of each in the singular", () => {
  expect(layoutWords(plan)).toBe("mini-batches of 16, 2 replicas of 1 thread");
  expect(layoutWords({ mini_batch: 1, num_replicas: 1, threads: 8 })).toBe(
    "mini-batches of 1, 1 replica of 8 threads",
  );
});

test("a plan says what it does to network, numbers and images", () => {
  expect(Object.fromEntries(planFacts(plan))).toMatchObject({
    Network: "folded and frozen for this processor",
    Precision: "bfloat16",
    "Memory format": "channels last",
  });
});

test("a speed is compared only with one that was measured", () => {
  expect(times(54, 30)).toBe("1.80 ×");
  expect(times(54, null)).toBe("");
});
