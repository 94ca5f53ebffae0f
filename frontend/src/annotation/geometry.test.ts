import { expect, test } from "vitest";
import { boundsOf, boxBetween, handleAt, handlesOf, labelAt, moved, resized } from "./geometry";
import type { BoxLabel, KeypointsLabel, PolylineLabel } from "./shapes";

const near = [0.01, 0.01] as const;
const box = (id: string, ...bounding_box: [number, number, number, number]): BoxLabel => ({
  id,
  label: "car",
  bounding_box,
});
const triangle: PolylineLabel = {
  id: "t",
  label: "roof",
  points: [
    [
      [0.2, 0.2],
      [0.8, 0.2],
      [0.5, 0.8],
    ],
  ],
  closed: true,
  filled: true,
};

test("of nested boxes the pointer takes the inner one", () => {
  const labels = [box("outer", 0, 0, 1, 1), box("inner", 0.4, 0.4, 0.2, 0.2)];
  expect(labelAt(labels, [0.5, 0.5], near)?.id).toBe("inner");
  expect(labelAt(labels, [0.1, 0.1], near)?.id).toBe("outer");
});

test("a polygon is hit inside, an open line only along itself", () => {
  const line = { ...triangle, closed: false, filled: false };
  expect(labelAt([triangle], [0.5, 0.4], near)?.id).toBe("t");
  expect(labelAt([line], [0.5, 0.4], near)).toBeNull();
  expect(labelAt([line], [0.5, 0.205], near)?.id).toBe("t");
  expect(labelAt([line], [0.35, 0.5], near)).toBeNull();
});

test("keypoints are hit at their points, and those that are not there are passed over", () => {
  const points: KeypointsLabel = { id: "k", label: "person", points: [null, [0.3, 0.3]] };
  expect(labelAt([points], [0.305, 0.3], near)?.id).toBe("k");
  expect(handlesOf(points)).toHaveLength(1);
  expect(boundsOf([points])).toEqual({ left: 0.3, top: 0.3, right: 0.3, bottom: 0.3 });
});

test("a shape stops at the picture's edge and keeps its size", () => {
  const [x, y, width, height] = (moved(box("b", 0.5, 0.5, 0.2, 0.2), [9, -9]) as BoxLabel).bounding_box;
  expect([x, y, width, height]).toEqual([0.8, 0, 0.2, 0.2]);
});

test("a corner dragged over the opposite one turns the box over", () => {
  const label = box("b", 0.4, 0.4, 0.2, 0.2);
  const corner = handleAt(label, [0.6, 0.6], near);
  expect(corner).toMatchObject({ x: 1, y: 1 });
  const turned = corner ? (resized(label, corner, [0.1, 2]) as BoxLabel).bounding_box : [];
  expect(turned.map((each) => Number(each.toFixed(6)))).toEqual([0.1, 0.4, 0.3, 0.6]);
});

test("a vertex moves alone", () => {
  const vertex = handleAt(triangle, [0.5, 0.8], near);
  const changed = vertex ? (resized(triangle, vertex, [0.5, 0.9]) as PolylineLabel) : triangle;
  expect(changed.points[0]).toEqual([
    [0.2, 0.2],
    [0.8, 0.2],
    [0.5, 0.9],
  ]);
});

test("a box is the same from any corner, and never leaves the picture", () => {
  expect(boxBetween([0.5, 0.5], [-1, 2])).toEqual(boxBetween([0, 1], [0.5, 0.5]));
});
