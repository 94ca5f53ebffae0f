import { expect, test } from "vitest";
import { detailsInWords } from "./details";

test("a change of rights names what changed and leaves out what did not", () => {
  const before = { everyone: "none", users: [], groups: [] };
  const after = { everyone: "view", users: [{ username: "ada", right: "edit" }], groups: [] };
  expect(detailsInWords({ before, after })).toEqual(["everyone: none → view", "users: nothing → ada edit"]);
});

test("a change of one thing, and facts beside it", () => {
  expect(detailsInWords({ before: "ada", after: "bob", kept: "edit" })).toEqual(["ada → bob", "kept: edit"]);
});

test("plain facts stand as they are", () => {
  expect(detailsInWords({ samples: 0, outputs: { predictions: "kind" } })).toEqual([
    "samples: 0",
    "outputs: kind",
  ]);
  expect(detailsInWords({})).toEqual([]);
});
