import { expect, test } from "vitest";
import { FITTED, moved, rectOf, zoomed, zoomedTo } from "./zoom";

test("the point under the pointer stays where it is", () => {
  const once = zoomed(FITTED, 2, { x: 100, y: -40 });
  // The picture's point that was drawn at (100, -40) is drawn at offset + scale * (100, -40).
  expect(once.x + once.scale * 100).toBe(100);
  expect(once.y + once.scale * -40).toBe(-40);
});

test("zooming out ends at the fitted picture, which cannot be dragged away", () => {
  expect(zoomed(zoomed(FITTED, 2, { x: 5, y: 5 }), 0.1)).toEqual(FITTED);
  expect(moved(FITTED, { x: 50, y: 50 })).toEqual(FITTED);
});

test("a fitted picture stands in the middle of its stage", () => {
  const rect = rectOf({ width: 232, height: 132 }, { width: 100, height: 100 }, FITTED);
  expect(rect).toEqual({ left: 66, top: 16, width: 100, height: 100 });
});

test("labels that are zoomed to stand in the middle", () => {
  const [stage, picture] = [
    { width: 232, height: 132 },
    { width: 100, height: 100 },
  ];
  const part = { left: 0.6, top: 0.1, right: 0.8, bottom: 0.3 };
  const rect = rectOf(stage, picture, zoomedTo(stage, picture, part));
  expect(rect.left + 0.7 * rect.width).toBeCloseTo(116);
  expect(rect.top + 0.2 * rect.height).toBeCloseTo(66);
  expect(0.2 * rect.height).toBeCloseTo(0.8 * 132);
});
