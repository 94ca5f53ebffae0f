/** What a stroke makes of a box's mask; the box follows its pixels. */

import { paint } from "./pixels";
import { boundsOfPixels, pixelsOf, rleOf } from "./rle";
import { type BoxLabel, isBox, newId } from "./shapes";
import { byHand, type Scene, type Stroke } from "./tools/tool";

/** The selected box with another mask, or a new one; null where no pixel is left. */
export function brushed({ stroke, erases }: Stroke, scene: Scene): BoxLabel | null {
  const old = scene.selected && isBox(scene.selected) && scene.selected.mask ? scene.selected : null;
  const [height, width] = old?.mask?.size ?? [scene.height, scene.width];
  const pixels = old?.mask ? pixelsOf(old.mask) : new Uint8Array(width * height);
  paint({ pixels, width, height }, stroke, (scene.brush * width) / scene.width, erases ? 0 : 1);
  const box = boundsOfPixels(pixels, width, height);
  if (!box) return null;
  const mask = rleOf(pixels, width, height);
  return old
    ? { ...byHand(old), bounding_box: box, mask }
    : { id: newId(), label: scene.label, bounding_box: box, mask };
}
