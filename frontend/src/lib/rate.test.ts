import { expect, test } from "vitest";
import { Rate } from "./rate";

test("a rate is known after a moment, and is that of the last seconds", () => {
  const rate = new Rate();
  expect(rate.perSecond).toBeNull();
  rate.note(0, 0);
  rate.note(50, 100);
  expect(rate.perSecond).toBeNull();
  rate.note(1000, 1000);
  expect(rate.perSecond).toBe(1000);
  for (let second = 2; second <= 20; second += 1) rate.note(1000 + (second - 1) * 10, second * 1000);
  expect(rate.perSecond).toBe(10);
});

test("what was sent before a pause does not count after it", () => {
  const rate = new Rate();
  rate.note(0, 0);
  rate.note(5000, 1000);
  rate.forget();
  expect(rate.perSecond).toBeNull();
  rate.note(5000, 60_000);
  rate.note(5100, 61_000);
  expect(rate.perSecond).toBe(100);
});
