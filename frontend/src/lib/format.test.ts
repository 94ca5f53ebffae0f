import { expect, test } from "vitest";
import { ago, bytes, duration, number, percent, plural, roughly } from "./format";

test("counts carry separators and the right form of the noun", () => {
  expect(plural(1797, "sample")).toBe("1,797 samples");
  expect(plural(1, "sample")).toBe("1 sample");
});

test("numbers show as many digits as they deserve", () => {
  expect(number(0.98765)).toBe("0.988");
  expect(number(1234.5)).toBe("1,235");
  expect(number(7)).toBe("7");
  expect(percent(0.4567)).toBe("46 %");
});

test("sizes and durations use the unit a person would", () => {
  expect(bytes(812)).toBe("812 B");
  expect(bytes(1_530_000)).toBe("1.5 MB");
  expect(duration(8.4)).toBe("8 s");
  expect(duration(200)).toBe("3 min 20 s");
  expect(duration(7500)).toBe("2 h 5 min");
});

test("an estimate of minutes has no seconds", () => {
  expect(roughly(41.6)).toBe("42 s");
  expect(roughly(179)).toBe("3 min");
  expect(roughly(7510)).toBe("2 h 5 min");
});

test("times are told from now", () => {
  const now = Date.parse("2026-01-02T12:00:00Z");
  expect(ago("2026-01-02T11:59:50Z", now)).toBe("just now");
  expect(ago("2026-01-02T11:57:00Z", now)).toBe("3 minutes ago");
  expect(ago("2026-01-01T12:00:00Z", now)).toBe("yesterday");
});
