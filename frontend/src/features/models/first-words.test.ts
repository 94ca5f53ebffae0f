import { expect, test } from "vitest";
import { firstWords } from "./first-words";

test("the first line is told without its signs", () => {
  expect(firstWords("\n# Reads **digits**\n\nAnd more")).toBe("Reads digits");
  expect(firstWords("- of [MNIST](https://example.com), `28 × 28`")).toBe("of MNIST, 28 × 28");
  expect(firstWords("```\ncode")).toBe("code");
  expect(firstWords("snake_case_name stays")).toBe("snake_case_name stays");
  expect(firstWords("")).toBe("");
});
