import { expect, test } from "vitest";
import { bulkTitle } from "./title";

test("a bulk action is called by what it does", () => {
  expect(bulkTitle({ action: "tag", tags: ["blurred", "night"], label: null })).toBe("Tag: blurred, night");
  expect(bulkTitle({ action: "set_label", tags: [], label: "cat" })).toBe("Set label: cat");
  expect(bulkTitle({ action: "delete", tags: [], label: null })).toBe("Delete samples");
});
