import { expect, test } from "vitest";
import { difference, keyMetric, listed, shown, words } from "./metric-words";

test("each type has its key metric", () => {
  expect(keyMetric({ accuracy: 1, f1_macro: 1 })).toBe("accuracy");
  expect(keyMetric({ map: 0.5, f1_micro: 1 })).toBe("map");
  expect(keyMetric({ mae: 2, rmse: 3 })).toBe("mae");
  expect(keyMetric({})).toBeUndefined();
});

test("metrics come in a fixed order, unknown ones last under their own names", () => {
  expect(listed({ new_one: 1, f1_macro: 1, accuracy: 1 })).toEqual(["accuracy", "f1_macro", "new_one"]);
  expect(listed({ f1_weighted: 1, f1_macro: 1, f1_micro: 1 })).toEqual(["f1_micro", "f1_macro"]);
  expect(words("new_one").name).toBe("new one");
});

test("shares are written as percents, errors in the field's unit", () => {
  expect(shown("accuracy", 0.98765)).toBe("98.8 %");
  expect(shown("mae", 0.1234)).toBe("0.123");
});

test("a difference says by how much and whether it is for the better", () => {
  expect(difference("accuracy", 0.9, 0.88)).toEqual({ text: "+2.0 pp", better: true });
  expect(difference("accuracy", 0.88, 0.9)).toEqual({ text: "−2.0 pp", better: false });
  expect(difference("mae", 1, 2)).toEqual({ text: "−1", better: true });
  expect(difference("bias", 0.5, -1)).toEqual({ text: "+1.5", better: true });
  expect(difference("accuracy", 0.9, 0.9)).toEqual({ text: "no change", better: null });
});
