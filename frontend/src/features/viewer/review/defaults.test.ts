import { expect, test } from "vitest";
import type { Field } from "@/api/types";
import { freeName, likelySource, likelyTarget, ordersOf, withoutValue } from "./defaults";
import { outcomeWords, progressWords } from "./words";

const field = (name: string, type: Field["type"], created_by_job: number | null, value_count = 10) => ({
  ...{ name, type, created_by_job, value_count },
});
const truth = field("ground_truth", "classification", null, 4);
const cnn = field("cnn", "classification", 7);
const boxes = field("boxes", "detections", 9);

test("what a model wrote is reviewed, classes before boxes", () => {
  expect(likelySource([truth, boxes, cnn])?.name).toBe("cnn");
  expect(likelySource([truth, boxes])?.name).toBe("boxes");
  expect(likelySource([field("score", "number", 3)])).toBeUndefined();
  expect(likelySource([field("empty", "classification", 3, 0)])).toBeUndefined();
});

test("it goes to people's labels where some are missing, else to a field of its own", () => {
  expect(likelyTarget(cnn, [truth, cnn], 10)).toBe("ground_truth");
  expect(likelyTarget(cnn, [truth, cnn], 4)).toBe("cnn_reviewed");
  expect(likelyTarget(boxes, [truth, boxes], 10)).toBe("boxes_reviewed");
});

test("the least confident come first; two fields can be compared", () => {
  expect(ordersOf(cnn, [truth, cnn]).map(({ value }) => value)).toEqual([
    "confidence",
    "-compare:ground_truth,cnn",
    "-confidence",
    "name",
  ]);
  const [first, second] = ordersOf(cnn, [truth, cnn]);
  expect(first?.label).toBe("Least confident first");
  expect(second?.label).toBe("Most disagreeing with ground_truth first");
});

test("samples with a value are left out beside what is filtered already", () => {
  const sure = { field: "cnn.confidence", op: "lt" as const, value: 0.5 };
  const missing = { not: { field: "truth", op: "exists" } };
  expect(withoutValue(undefined, "truth")).toEqual(missing);
  expect(withoutValue(sure, "truth")).toEqual({ and: [sure, missing] });
  expect(withoutValue({ and: [sure, sure] }, "truth")).toEqual({ and: [sure, sure, missing] });
});

test("a name that is taken gets a number", () => {
  expect(freeName("cnn", [])).toBe("Review of cnn");
  expect(freeName("cnn", ["Review of cnn", "Review of cnn 2"])).toBe("Review of cnn 3");
});

test("progress and outcome are told in words, and what never happened is not", () => {
  const counts = { total: 60, done: 12, left: 48, claimed: 7, yours: 5 };
  expect(progressWords({ ...counts, accepted: 9, rejected: 3, corrected: 0 })).toBe(
    "12 done, 48 left, 2 with others",
  );
  expect(outcomeWords({ ...counts, accepted: 9, rejected: 3, corrected: 0 })).toBe("9 accepted, 3 rejected");
});
