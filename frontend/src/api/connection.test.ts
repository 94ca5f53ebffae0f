import { expect, test } from "vitest";
import { isAnswering, noteAnswer } from "./connection";

test("a lost connection and an empty gateway are silence; a refusal is an answer", () => {
  noteAnswer(0);
  expect(isAnswering()).toBe(false);
  noteAnswer(403);
  expect(isAnswering()).toBe(true);
  noteAnswer(502);
  expect(isAnswering()).toBe(false);
  noteAnswer(304);
  expect(isAnswering()).toBe(true);
});
