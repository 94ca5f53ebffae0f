import { expect, test } from "vitest";
import { matches } from "./search";

const model = { name: "digits-cnn", description: "Reads handwriting", tags: ["demo", "vision"] };

test("every word has to occur somewhere, in any case", () => {
  expect(matches(model, "CNN vision")).toBe(true);
  expect(matches(model, "cnn audio")).toBe(false);
});

test("an empty query matches all", () => {
  expect(matches(model, "  ")).toBe(true);
});
