import { expect, test } from "vitest";
import { Editor } from "./editor";
import type { BoxLabel, KeypointsLabel, Point, PolylineLabel, ShapeLabel, ShapeType } from "./shapes";
import type { ToolName } from "./tools/tool";

function desk(type: ShapeType, tool?: ToolName) {
  const said: string[] = [];
  let stored: readonly ShapeLabel[] = [];
  const editor = new Editor(
    type,
    { width: 100, height: 100 },
    (labels, what) => {
      stored = labels;
      said.push(what);
    },
    { label: "car", ...(tool ? { tool } : {}) },
  );
  const at = (x: number, y: number) => ({ at: [x, y] as Point, tolerance: [0.02, 0.02] as const });
  const drag = (from: Point, to: Point) => {
    editor.press(at(...from));
    editor.move(at(...to));
    editor.release(at(...to));
  };
  const click = (x: number, y: number) => drag([x, y], [x, y]);
  return { editor, said, drag, click, stored: () => stored };
}

test("a drag is a box of the chosen class, selected at once; a click is none", () => {
  const { editor, drag, click, stored, said } = desk("detections");
  click(0.5, 0.5);
  expect(stored()).toEqual([]);
  drag([0.5, 0.6], [0.25, 0.35]);
  expect(stored()).toMatchObject([{ label: "car", bounding_box: [0.25, 0.35, 0.25, 0.25] }]);
  expect(editor.selected?.id).toBe(stored()[0]?.id);
  editor.classify("bus");
  expect(stored()[0]?.label).toBe("bus");
  expect(said).toEqual(["box added", "class set to bus"]);
});

test("what a model was sure of no longer holds once a person changed it", () => {
  const { editor, drag, stored } = desk("detections", "select");
  editor.load([{ id: "m", label: "car", confidence: 0.9, bounding_box: [0.2, 0.2, 0.2, 0.2] }]);
  drag([0.3, 0.3], [0.4, 0.3]);
  const [label] = stored() as BoxLabel[];
  expect(label?.bounding_box[0]).toBeCloseTo(0.3);
  expect(label).not.toHaveProperty("confidence");
});

test("a click selects without changing anything, and the second one on a handle resizes", () => {
  const { editor, click, drag, stored, said } = desk("detections", "select");
  editor.load([{ id: "b", label: "car", bounding_box: [0.2, 0.2, 0.2, 0.2] }]);
  click(0.3, 0.3);
  expect(editor.snapshot().selected).toBe("b");
  expect(said).toEqual([]);
  drag([0.4, 0.4], [0.6, 0.5]);
  const box = (stored()[0] as BoxLabel).bounding_box.map((each) => Number(each.toFixed(3)));
  expect(box).toEqual([0.2, 0.2, 0.4, 0.3]);
});

test("a polygon closes at its first point, a line ends with Enter or a second click", () => {
  const polygon = desk("polylines", "polygon");
  for (const [x, y] of [
    [0.1, 0.1],
    [0.9, 0.1],
    [0.5, 0.9],
    [0.1, 0.1],
  ] as const)
    polygon.click(x, y);
  expect(polygon.stored()).toMatchObject([{ closed: true, filled: true }]);
  expect((polygon.stored()[0] as PolylineLabel).points[0]).toHaveLength(3);
  const line = desk("polylines", "polyline");
  line.click(0.1, 0.1);
  line.editor.finish();
  expect(line.stored()).toEqual([]);
  line.click(0.5, 0.5);
  line.editor.finish();
  expect(line.stored()).toMatchObject([
    {
      closed: false,
      points: [
        [
          [0.1, 0.1],
          [0.5, 0.5],
        ],
      ],
    },
  ]);
});

test("keypoints are set one by one, and given up with Esc", () => {
  const { editor, click, stored } = desk("keypoints", "keypoints");
  click(0.1, 0.1);
  expect(editor.cancel()).toBe(true);
  expect(editor.cancel()).toBe(false);
  click(0.2, 0.2);
  click(0.3, 0.3);
  editor.finish();
  expect((stored()[0] as KeypointsLabel).points).toEqual([
    [0.2, 0.2],
    [0.3, 0.3],
  ]);
});

test("Tab goes through the shapes that are not hidden, and leaves after the last", () => {
  const { editor } = desk("detections", "select");
  editor.load(["a", "b", "c"].map((id) => ({ id, label: "car", bounding_box: [0, 0, 0.1, 0.1] })));
  editor.select("b");
  editor.hide();
  const met = [
    editor.next(),
    editor.snapshot().selected,
    editor.next(),
    editor.snapshot().selected,
    editor.next(),
  ];
  expect(met).toEqual([true, "a", true, "c", false]);
  editor.hide();
  expect(editor.visible).toHaveLength(3);
});

test("a copy lies beside its original and is another label; what is deleted is gone", () => {
  const { editor, stored } = desk("detections", "select");
  editor.load([{ id: "b", label: "car", bounding_box: [0.2, 0.2, 0.2, 0.2] }]);
  editor.select("b");
  editor.duplicate();
  expect(stored()).toHaveLength(2);
  expect(stored()[1]?.id).not.toBe("b");
  editor.remove();
  expect(stored().map(({ id }) => id)).toEqual(["b"]);
});

test("a brush paints a mask with its box, and the eraser takes of it", () => {
  const { editor, drag, stored } = desk("detections", "brush");
  while (editor.snapshot().brush > 5) editor.resizeBrush(-1);
  drag([0.3, 0.5], [0.7, 0.5]);
  const [, , width, height] = (stored()[0] as BoxLabel).bounding_box;
  expect(width).toBeCloseTo(0.4 + (2 * editor.snapshot().brush) / 100, 1);
  expect(height).toBeCloseTo((2 * editor.snapshot().brush) / 100, 1);
  editor.use("eraser");
  drag([0.7, 0.5], [0.5, 0.5]);
  expect((stored()[0] as BoxLabel).bounding_box[2]).toBeLessThan(width - 0.1);
});

test("tools that a type does not know are not taken", () => {
  const { editor } = desk("keypoints");
  expect(editor.use("box")).toBe(false);
  expect(editor.snapshot().tool).toBe("keypoints");
});
