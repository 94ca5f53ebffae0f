import { expect, test } from "vitest";
import { parseEvaluationSearch, parseEvaluationsSearch } from "./evaluation-search";

test("what is understood is kept, the rest is dropped", () => {
  expect(parseEvaluationSearch({ sort: "-f1", compare: "4", curve: 3, x: 1 })).toEqual({
    sort: "-f1",
    compare: 4,
    curve: "3",
  });
  expect(parseEvaluationSearch({ compare: "x", sort: "" })).toEqual({});
  expect(parseEvaluationsSearch({ filter: { field: "name", op: "eq", value: "a" } }).filter).toBeDefined();
  expect(parseEvaluationsSearch({ filter: 4 })).toEqual({});
});
