/** Follows the pointer as a brush or an eraser; what it paints is the editor's. */

import { isBox, type Point } from "../shapes";
import type { Deed, Pointer, Scene, Tool } from "./tool";

export class BrushTool implements Tool {
  readonly active = null;
  stroke: Point[] = [];
  private painting = false;

  constructor(private readonly erases: boolean) {}

  press({ at }: Pointer, { type, selected }: Scene): Deed | null {
    // Of several masks one has to be chosen before anything can be rubbed out.
    if (this.erases && type !== "segmentation" && !(selected && isBox(selected) && selected.mask))
      return null;
    this.painting = true;
    this.stroke = [at];
    return null;
  }

  move({ at }: Pointer): void {
    if (this.painting) this.stroke = [...this.stroke, at];
  }

  release(pointer: Pointer): Deed | null {
    if (!this.painting) return null;
    this.move(pointer);
    const stroke = this.stroke;
    this.cancel();
    return { stroke, erases: this.erases };
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
