/** Paints the mask of a box, or rubs it out; the box follows its pixels. */

import { boundsOfPixels, pixelsOf, rleOf } from "../rle";
import { type BoxLabel, clampPoint, isBox, newId, type Point } from "../shapes";
import { byHand, type Deed, type Pointer, type Scene, type Tool } from "./tool";

export class BrushTool implements Tool {
  readonly active = null;
  stroke: Point[] = [];
  private painting = false;

  constructor(private readonly erases: boolean) {}

  press({ at }: Pointer, { selected }: Scene): Deed | null {
    if (this.erases && !(selected && isBox(selected) && selected.mask)) return null;
    this.painting = true;
    this.stroke = [at];
    return null;
  }

  move({ at }: Pointer): void {
    if (this.painting) this.stroke = [...this.stroke, at];
  }

  release(pointer: Pointer, scene: Scene): Deed | null {
    if (!this.painting) return null;
    this.move(pointer);
    const stroke = this.stroke;
    this.cancel();
    const old = scene.selected && isBox(scene.selected) && scene.selected.mask ? scene.selected : null;
    const [height, width] = old?.mask?.size ?? [scene.height, scene.width];
    const pixels = old?.mask ? pixelsOf(old.mask) : new Uint8Array(width * height);
    paint(pixels, {
      width,
      height,
      stroke,
      radius: (scene.brush * width) / scene.width,
      ink: this.erases ? 0 : 1,
    });
    const box = boundsOfPixels(pixels, width, height);
    if (!box) return null;
    const mask = rleOf(pixels, width, height);
    const put: BoxLabel = old
      ? { ...byHand(old), bounding_box: box, mask }
      : { id: newId(), label: scene.label, bounding_box: box, mask };
    return { put, what: this.erases ? "mask erased" : "mask painted" };
  }

  finish(): null {
    return null;
  }

  cancel(): boolean {
    const wasAtWork = this.painting;
    this.painting = false;
    this.stroke = [];
    return wasAtWork;
  }
}

interface Painting {
  width: number;
  height: number;
  stroke: readonly Point[];
  radius: number;
  ink: 0 | 1;
}

/** Every pixel whose middle is at most `radius` from the stroke. */
export function paint(pixels: Uint8Array, { width, height, stroke, radius, ink }: Painting): void {
  const spots = stroke.map(clampPoint).map(([x, y]): Point => [x * width, y * height]);
  spots.forEach((to, index) => {
    const from = spots[index - 1] ?? to;
    const steps = Math.max(
      1,
      Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / Math.max(1, radius / 2)),
    );
    for (let step = 1; step <= steps; step += 1) {
      const share = step / steps;
      stamp(
        pixels,
        width,
        height,
        [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share],
        radius,
        ink,
      );
    }
  });
}

function stamp(
  pixels: Uint8Array,
  width: number,
  height: number,
  [cx, cy]: Point,
  radius: number,
  ink: 0 | 1,
): void {
  const reach = Math.max(0.71, radius);
  const [top, bottom] = [Math.max(0, Math.floor(cy - reach)), Math.min(height - 1, Math.ceil(cy + reach))];
  for (let y = top; y <= bottom; y += 1) {
    const half = Math.sqrt(Math.max(0, reach * reach - (y + 0.5 - cy) ** 2));
    const left = Math.max(0, Math.ceil(cx - half - 0.5));
    const right = Math.min(width - 1, Math.floor(cx + half - 0.5));
    if (right >= left && half > 0) pixels.fill(ink, y * width + left, y * width + right + 1);
  }
}
