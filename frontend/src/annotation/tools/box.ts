/** Draws a box from corner to corner. */

import { boxBetween } from "../geometry";
import { newId, type Point, type ShapeLabel } from "../shapes";
import type { Deed, Pointer, Scene, Tool } from "./tool";

export class BoxTool implements Tool {
  active: ShapeLabel | null = null;
  private from: Point | null = null;

  press({ at }: Pointer): Deed | null {
    this.from = at;
    return { select: null };
  }

  move({ at }: Pointer, { label }: Scene): void {
    if (this.from) this.active = { id: "", label, bounding_box: boxBetween(this.from, at) };
  }

  release(pointer: Pointer, scene: Scene): Deed | null {
    const from = this.from;
    this.cancel();
    if (!from) return null;
    const box = boxBetween(from, pointer.at);
    // A click is no box.
    if (box[2] < pointer.tolerance[0] / 2 || box[3] < pointer.tolerance[1] / 2) return null;
    return { put: { id: newId(), label: scene.label, bounding_box: box }, what: "box added" };
  }

  finish(): null {
    return null;
  }

  cancel(): boolean {
    const wasAtWork = this.active !== null;
    this.from = null;
    this.active = null;
    return wasAtWork;
  }
}
