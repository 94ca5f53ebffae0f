/** The coloured picture of what is being painted: only where pixels have changed it is coloured anew. */

import { tinted } from "@/annotation/mask-pixels";
import type { Painter } from "@/annotation/painter";
import { blankSheet } from "../mask-pictures";
import { MASK_OPACITY } from "./use-masks";

export class PaintedSheet {
  private readonly context: CanvasRenderingContext2D;

  constructor(
    private readonly painter: Painter,
    private readonly colourOf: (index: number) => string,
  ) {
    const { width, height } = painter.picture;
    this.context = blankSheet(width, height, false);
    // Another sheet of the same painter may have shown its changes; this one begins with all of it.
    painter.touch();
  }

  /** As it is now. */
  shown(): HTMLCanvasElement {
    const area = this.painter.takeDirty();
    if (area && area.right > area.left) {
      const { pixels, width } = this.painter.sheet;
      const [across, down] = [area.right - area.left, area.bottom - area.top];
      const numbers = new Uint16Array(across * down);
      for (let y = 0; y < down; y += 1) {
        const from = (area.top + y) * width + area.left;
        numbers.set(pixels.subarray(from, from + across), y * across);
      }
      const image = new ImageData(across, down);
      tinted(numbers, image.data, { isHeat: false, colourOf: this.colourOf, opacity: MASK_OPACITY });
      this.context.putImageData(image, area.left, area.top);
    }
    return this.context.canvas;
  }
}
