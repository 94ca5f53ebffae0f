import { expect, test } from "vitest";
import { readModelSearch } from "./model-search";

test("what stands in the URL is taken as far as it means something", () => {
  const whole = { q: "cat", tags: ["a", "b"], owner: "ann", shared: "with_me", sort: "-updated" };
  expect(readModelSearch(whole)).toEqual(whole);
  expect(readModelSearch({ tags: ["a", "a", 3, ""], sort: "name", shared: "all", q: "", owner: 4 })).toEqual({
    tags: ["a"],
  });
  expect(readModelSearch({ sort: "toString", tags: "a" })).toEqual({});
});
