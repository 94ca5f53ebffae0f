import { expect, test } from "vitest";
import type { Field } from "@/api/types";
import { isHidden, onlyShown } from "./hidden-fields";

const field = (name: string, type: Field["type"]) => ({ name, type }) as Field;

test("labels show and other values do not, until somebody chooses", () => {
  expect(isHidden({}, field("predictions", "classification"))).toBe(false);
  expect(isHidden({}, field("split", "string"))).toBe(true);
  expect(isHidden({ predictions: false }, field("predictions", "classification"))).toBe(true);
  expect(isHidden({ split: true }, field("split", "string"))).toBe(false);
});

test("a view shows its own fields and no others", () => {
  const fields = [field("predictions", "classification"), field("split", "string")];
  const chosen = onlyShown(fields, ["split"]);
  expect(fields.map((each) => isHidden(chosen, each))).toEqual([true, false]);
  expect(onlyShown(fields, null)).toEqual({});
});
