import { expect, test } from "vitest";
import { tagChanges } from "./update-tags";

test("only what one changed is sent", () => {
  expect(tagChanges(["a", "c"], ["a", "b"])).toEqual({ add_tags: ["c"], remove_tags: ["b"] });
  expect(tagChanges([], ["a"])).toEqual({ add_tags: [], remove_tags: ["a"] });
});

test("of a draft that does not say what was seen, all of it", () => {
  expect(tagChanges(["a"], undefined)).toEqual({ tags: ["a"] });
});
