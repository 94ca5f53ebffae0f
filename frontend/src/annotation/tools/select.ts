/** Selects shapes, moves them, and drags their corners, sides and points. */

import { type Handle, handleAt, labelAt, moved, resized } from "../geometry";
import type { Point, ShapeLabel } from "../shapes";
import { byHand, type Deed, type Pointer, type Scene, type Tool, WORDS } from "./tool";

/** How far a press may stray and still be a click. */
const STILL = 0.4;

export class SelectTool implements Tool {
  active: ShapeLabel | null = null;
  private held: { label: ShapeLabel; from: Point; handle: Handle | null } | null = null;

  press({ at, tolerance }: Pointer, { labels, selected }: Scene): Deed | null {
    const handle = selected && handleAt(selected, at, tolerance);
    const label = handle ? selected : labelAt(labels, at, tolerance);
    this.held = label && { label, from: at, handle };
    return label?.id === selected?.id ? null : { select: label?.id ?? null };
  }

  move({ at, tolerance }: Pointer): void {
    if (!this.held) return;
    const { label, from, handle } = this.held;
    const [dx, dy] = [at[0] - from[0], at[1] - from[1]];
    if (!this.active && Math.hypot(dx / tolerance[0], dy / tolerance[1]) < STILL) return;
    this.active = handle ? resized(label, handle, at) : moved(label, [dx, dy]);
  }

  release(pointer: Pointer, { type }: Scene): Deed | null {
    this.move(pointer);
    const [held, active] = [this.held, this.active];
    this.cancel();
    if (!held || !active || active === held.label) return null;
    return { put: byHand(active), what: `${WORDS[type]} ${held.handle ? "resized" : "moved"}` };
  }

  finish(): null {
    return null;
  }

  cancel(): boolean {
    const wasAtWork = this.active !== null;
    this.held = null;
    this.active = null;
    return wasAtWork;
  }
}
