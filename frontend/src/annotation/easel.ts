/** What every editor has: a picture, tools over it, and what is drawn next. */

import type { Point, ShapeLabel } from "./shapes";
import { MAKE } from "./tools/make";
import {
  type Deed,
  type DrawnType,
  type Pointer,
  type Scene,
  TOOLS,
  type Tool,
  type ToolName,
} from "./tools/tool";

export interface EaselState {
  tool: ToolName;
  /** The class of what is drawn next. */
  label: string;
  brush: number;
}

export interface Picture {
  width: number;
  height: number;
}

const BRUSHES = [1, 256] as const;

export const firstBrush = ({ width, height }: Picture): number =>
  Math.max(2, Math.round(Math.max(width, height) / 50));

export abstract class Easel<S extends EaselState = EaselState> {
  private tool: Tool;
  private readonly listeners = new Set<() => void>();
  /** Where the pointer is over the picture. */
  private at: Point | null = null;

  constructor(
    readonly type: DrawnType,
    readonly picture: Picture,
    protected state: S,
  ) {
    this.tool = MAKE[state.tool]();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): S => this.state;

  /** The shape in the making. */
  get active(): ShapeLabel | null {
    return this.tool.active;
  }

  get stroke(): readonly Point[] {
    return this.tool.stroke ?? [];
  }

  /** Where the brush would paint now; null without a brush, or with the pointer elsewhere. */
  get brushAt(): Point | null {
    return this.state.tool === "brush" || this.state.tool === "eraser" ? this.at : null;
  }

  get selected(): ShapeLabel | null {
    return null;
  }

  get visible(): readonly ShapeLabel[] {
    return [];
  }

  /** What is drawn below the shape in the making: others, when that has to be drawn anew. */
  abstract get resting(): readonly unknown[];

  /** Gives up what was changed last, if nobody took it: what stands in the field is shown again. */
  abstract revert(value: unknown): void;

  use(name: ToolName): boolean {
    if (!TOOLS[this.type].includes(name)) return false;
    this.tool.cancel();
    this.tool = MAKE[name]();
    this.set({ tool: name } as Partial<S>);
    return true;
  }

  press(pointer: Pointer): void {
    this.do(this.tool.press(pointer, this.scene()));
  }

  move(pointer: Pointer): void {
    this.at = pointer.at;
    this.tool.move(pointer, this.scene());
    // The state is the same: whoever draws the shape in the making draws, and lists do not render again.
    if (this.tool.active || this.stroke.length > 0 || this.brushAt) this.tell();
  }

  /** The pointer is no longer over the picture. */
  leave(): void {
    this.at = null;
    this.tell();
  }

  release(pointer: Pointer): void {
    this.do(this.tool.release(pointer, this.scene()));
  }

  finish(): void {
    this.do(this.tool.finish(this.scene()));
  }

  /** Gives up the shape in the making; false if there was none. */
  cancel(): boolean {
    const had = this.tool.cancel();
    this.set({});
    return had;
  }

  /** The class of what is drawn next; what is selected keeps its own. */
  draw(label: string): void {
    this.set({ label } as Partial<S>);
  }

  classify(label: string): void {
    this.draw(label);
  }

  remove(): boolean {
    return false;
  }

  duplicate(): boolean {
    return false;
  }

  /** Selects the next shape; false after the last one, so that the focus goes on. */
  next(_by: 1 | -1 = 1): boolean {
    return false;
  }

  hide(): boolean {
    return false;
  }

  resizeBrush(by: 1 | -1): void {
    const next = Math.round(by > 0 ? this.state.brush * 1.25 + 0.5 : this.state.brush / 1.25 - 0.5);
    this.set({ brush: Math.min(BRUSHES[1], Math.max(BRUSHES[0], next)) } as Partial<S>);
  }

  protected scene(): Scene {
    const { label, brush } = this.state;
    return { type: this.type, labels: this.visible, selected: this.selected, label, brush, ...this.picture };
  }

  protected abstract do(deed: Deed | null): void;

  protected set(patch: Partial<S>): void {
    this.state = { ...this.state, ...patch };
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
