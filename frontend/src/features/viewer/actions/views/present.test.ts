import { expect, test } from "vitest";
import { isSame } from "./present";

const view = {
  filter: { field: "truth.label", op: "eq" as const, value: "3" },
  sort: "-truth.confidence",
  fields: ["truth", "cnn"],
};

test("the order of keys and of fields makes no other view", () => {
  const filter = { value: "3", op: "eq" as const, field: "truth.label" };
  expect(isSame(view, { ...view, filter, fields: ["cnn", "truth"] })).toBe(true);
});

test("another filter, order or set of fields does", () => {
  expect(isSame(view, { ...view, filter: null })).toBe(false);
  expect(isSame(view, { ...view, sort: null })).toBe(false);
  expect(isSame(view, { ...view, fields: ["cnn"] })).toBe(false);
});

test("a view that leaves the fields open fits whatever is shown", () => {
  expect(isSame({ ...view, fields: null }, view)).toBe(true);
});
