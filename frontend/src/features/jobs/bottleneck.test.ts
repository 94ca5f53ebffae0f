import { expect, test } from "vitest";
import { boundBy, percentages } from "./bottleneck";

test("the shares are whole per cents that add up to 100", () => {
  expect(percentages({ decode: 0.71, model: 0.24, write: 0.05 })).toEqual({
    decode: 71,
    model: 24,
    write: 5,
  });
  expect(percentages({ decode: 1 / 3, model: 1 / 3, write: 1 / 3 })).toEqual({
    decode: 34,
    model: 33,
    write: 33,
  });
  const sum = Object.values(percentages({ decode: 0.006, model: 0.988, write: 0.006 })).reduce(
    (a, b) => a + b,
    0,
  );
  expect(sum).toBe(100);
  expect(percentages({ decode: 0, model: 0.5, write: 0 })).toEqual({ decode: 0, model: 100, write: 0 });
});

test("a job is bound by what takes the most of its time", () => {
  expect(boundBy({ decode: 0.71, model: 0.24, write: 0.05 })).toBe("decode");
  expect(boundBy({ decode: 0.1, model: 0.4, write: 0.5 })).toBe("write");
  expect(boundBy({ decode: 0.4, model: 0.4, write: 0.2 })).toBe("decode");
});
