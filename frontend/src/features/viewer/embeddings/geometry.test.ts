import { expect, test } from "vitest";
import {
  chosenBy,
  type Extent,
  fitted,
  isInside,
  movedBy,
  type Point,
  pointAt,
  rectangle,
  type Scale,
  simplified,
  toData,
  zoomedAt,
} from "./geometry";

const SQUARE: Point[] = [
  [0, 0],
  [2, 0],
  [2, 2],
  [0, 2],
];
// A star whose arms cross in the middle: by the even-odd rule its middle is outside.
const STAR: Point[] = [
  [0, 3],
  [1.8, -2.4],
  [-2.9, 0.9],
  [2.9, 0.9],
  [-1.8, -2.4],
];

const pixelOf = ({ scale, left, top }: Scale, [x, y]: Point): Point => [left + x * scale, top - y * scale];

test("points lie inside what is drawn around them, by the even-odd rule", () => {
  expect(isInside(1, 1, SQUARE)).toBe(true);
  expect(isInside(3, 1, SQUARE)).toBe(false);
  expect(isInside(1, 1, [...SQUARE].reverse())).toBe(true);
  expect(isInside(0, 2, STAR)).toBe(true);
  expect(isInside(0, 0, STAR)).toBe(false);
  expect(isInside(1, 1, [])).toBe(false);
});

test("loops add and take out, one after the other", () => {
  const cloud = { x: [0.5, 1.5, 5], y: [0.5, 1.5, 5] };
  const corner: Point[] = [
    [1, 1],
    [2, 1],
    [2, 2],
    [1, 2],
  ];
  expect([...chosenBy(cloud, [{ add: SQUARE }, { subtract: corner }])]).toEqual([1, 0, 0]);
  expect([...chosenBy(cloud, [{ subtract: corner }, { add: SQUARE }])]).toEqual([1, 1, 0]);
  expect([...chosenBy(cloud, [{ add: SQUARE }, { subtract: SQUARE }, { add: corner }])]).toEqual([0, 1, 0]);
  expect([...chosenBy(cloud, [])]).toEqual([0, 0, 0]);
});

test("all of the extent is in sight, upright and with both axes alike", () => {
  const extent: Extent = [-10, 0, 30, 5];
  const scale = fitted(extent, 400, 300);
  const [west, south] = pixelOf(scale, [-10, 0]);
  const [east, north] = pixelOf(scale, [30, 5]);
  expect(west).toBeCloseTo(18);
  expect(east).toBeCloseTo(382);
  expect(south).toBeGreaterThan(north);
  expect((south + north) / 2).toBeCloseTo(150);
});

test("a cloud without any width is shown in the middle", () => {
  expect(pixelOf(fitted([3, 4, 3, 4], 400, 300), [3, 4])).toEqual([200, 150]);
  const [x, y] = pixelOf(fitted([0, 4, 10, 4], 400, 300), [5, 4]);
  expect(x).toBeCloseTo(200);
  expect(y).toBeCloseTo(150);
});

test("zooming keeps what is under the hand, moving takes it along", () => {
  const scale = fitted([0, 0, 10, 10], 300, 300);
  const hand: Point = [70, 210];
  const before = toData(scale, hand);
  const closer = zoomedAt(scale, 3, hand);
  expect(closer.scale).toBeCloseTo(scale.scale * 3);
  expect(toData(closer, hand)[0]).toBeCloseTo(before[0]);
  expect(toData(closer, hand)[1]).toBeCloseTo(before[1]);
  const after = toData(movedBy(closer, 20, -10), [90, 200]);
  expect(after[0]).toBeCloseTo(before[0]);
  expect(after[1]).toBeCloseTo(before[1]);
});

test("a long line gets few corners, and holds the same points", () => {
  const scale: Scale = { scale: 20, left: 200, top: 200 };
  const circle: Point[] = Array.from({ length: 4_000 }, (_, step) => {
    const angle = (step / 4_000) * 2 * Math.PI;
    return [200 + 150 * Math.cos(angle), 200 + 150 * Math.sin(angle)];
  });
  const corners = simplified(circle, scale);
  expect(corners.length).toBeGreaterThan(20);
  expect(corners.length).toBeLessThanOrEqual(100);
  for (const [x, y] of corners) expect(Math.hypot(x, y)).toBeCloseTo(7.5, 1);
  expect(isInside(7.2, 0, corners)).toBe(true);
  expect(isInside(0, -7.8, corners)).toBe(false);
});

test("corners are as exact as the screen, however small the numbers are", () => {
  const scale: Scale = { scale: 1e6, left: 0, top: 0 };
  const [first] = simplified(rectangle([10, 10], [20, 20]), scale);
  expect(first).toEqual([0.00001, -0.00001]);
});

test("the nearest point within reach is found", () => {
  const scale: Scale = { scale: 10, left: 0, top: 100 };
  const cloud = { x: [1, 2, 2.2], y: [1, 2, 2] };
  expect(pointAt(cloud, scale, [21.5, 80], 9)).toBe(2);
  expect(pointAt(cloud, scale, [12, 91], 9)).toBe(0);
  expect(pointAt(cloud, scale, [60, 20], 9)).toBe(-1);
});
