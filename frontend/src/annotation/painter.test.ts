import { expect, test } from "vitest";
import { Painter } from "./painter";
import type { Runs } from "./runs";
import type { Point } from "./shapes";
import type { ToolName } from "./tools/tool";

function desk(tool: ToolName = "brush", standing: Runs | null = null) {
  const said: string[] = [];
  let stored = standing;
  const painter = new Painter(
    { width: 8, height: 6 },
    (after, what) => {
      stored = after;
      said.push(what);
    },
    { label: "road", tool, brush: 1 },
  );
  painter.classes = ["background", "road", "sky"];
  painter.load(standing);
  const at = (x: number, y: number) => ({ at: [x, y] as Point, tolerance: [0.02, 0.02] as const });
  const drag = (from: Point, to: Point) => {
    painter.press(at(...from));
    painter.move(at(...to));
    painter.release(at(...to));
  };
  return { painter, said, drag, click: (x: number, y: number) => drag([x, y], [x, y]), stored: () => stored };
}

const rows = ({ sheet }: Painter) =>
  Array.from({ length: 6 }, (_, y) => [...sheet.pixels.slice(y * 8, (y + 1) * 8)].join(""));

test("a stroke paints the chosen class over what was there, and the eraser takes away", () => {
  const { painter, drag, click, stored, said } = desk();
  drag([0.1, 1 / 6], [0.9, 1 / 6]);
  expect(rows(painter)).toEqual(["11111111", "11111111", "00000000", "00000000", "00000000", "00000000"]);
  painter.classify("sky");
  click(0.5, 1 / 6);
  expect(rows(painter)[1]).toBe("11122111");
  painter.use("eraser");
  click(0.5, 1 / 6);
  expect(rows(painter)[1]).toBe("11100111");
  expect(stored()).toEqual({ size: [6, 8], runs: "1 3 0 2 1 6 0 2 1 3 0 32" });
  expect(said).toEqual(["mask painted", "mask painted", "mask erased"]);
});

test("a polygon is filled when it is closed, and a region with one press", () => {
  const { painter, click, said } = desk("polygon");
  for (const [x, y] of [[0.25, 0], [0.5, 0], [0.5, 1], [0.25, 1]] as Point[]) click(x, y); // biome-ignore format: a line
  expect(painter.active).not.toBeNull();
  painter.finish();
  expect(new Set(rows(painter))).toEqual(new Set(["00110000"]));
  painter.use("flood");
  painter.draw("sky");
  click(0.9, 0.5);
  expect(new Set(rows(painter))).toEqual(new Set(["00112222"]));
  expect(said).toEqual(["polygon filled", "region filled"]);
});

test("what changes nothing is no change", () => {
  const { painter, click, said } = desk("eraser", { size: [6, 8], runs: "0 48" });
  click(0.5, 0.5);
  painter.use("brush");
  painter.draw("a class that the field does not have");
  click(0.5, 0.5);
  expect(said).toEqual([]);
});

test("nothing is painted over what has not been read yet", () => {
  const { painter, click, said } = desk();
  painter.wait();
  click(0.5, 0.5);
  expect(said).toEqual([]);
  painter.load({ size: [3, 4], runs: "0 6 2 6" });
  expect(rows(painter)).toEqual(["00000000", "00000000", "00002222", "00002222", "22222222", "22222222"]);
  click(0.1, 0.1);
  expect(said).toEqual(["mask painted"]);
});

test("a change that nobody took is given up, and only changed pixels are drawn anew", () => {
  const { painter, click } = desk();
  painter.takeDirty();
  click(0.1, 0.1);
  expect(painter.takeDirty()).toEqual({ left: 0, top: 0, right: 3, bottom: 3 });
  expect(painter.takeDirty()).toBeNull();
  painter.revert();
  expect(rows(painter).join("")).toBe("0".repeat(48));
  expect(painter.takeDirty()).toEqual({ left: 0, top: 0, right: 8, bottom: 6 });
});

test("what is none of the classes is painted as void, where the classes leave its number free", () => {
  const { painter, click, stored } = desk();
  painter.classify("void");
  click(0.5, 1 / 6);
  expect(stored()?.runs.includes("255 ")).toBe(true);
  painter.classes = ["background", "road", "void"];
  click(0.1, 5 / 6);
  expect(painter.sheet.pixels.includes(2)).toBe(true);
});

test("the brush has a place while the pointer is over the picture", () => {
  const { painter } = desk();
  painter.move({ at: [0.5, 0.25], tolerance: [0.02, 0.02] });
  expect(painter.brushAt).toEqual([0.5, 0.25]);
  painter.use("polygon");
  expect(painter.brushAt).toBeNull();
  painter.use("eraser");
  painter.leave();
  expect(painter.brushAt).toBeNull();
});
