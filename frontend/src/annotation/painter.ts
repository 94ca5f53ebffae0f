/** A class for each pixel of one picture while somebody paints it: brush, eraser, filled polygons and regions. */

import { Easel, type EaselState, firstBrush, type Picture } from "./easel";
import { type Area, flood, paint, paintPolygon, type Sheet, union, whole } from "./pixels";
import { decoded, encoded, type Runs, resized } from "./runs";
import { isPolyline } from "./shapes";
import type { Deed } from "./tools/tool";

/** What is none of the classes and counts for none: the number that datasets of masks use for it. */
export const VOID = { name: "void", ink: 255 } as const;

/** Whether a field whose classes these are has it beside them. */
export const hasVoid = (classes: readonly string[]): boolean =>
  classes.length > 0 && classes.length <= VOID.ink && !classes.includes(VOID.name);

export interface PainterState extends EaselState {
  /** What stands in the pixels; null where nothing was ever painted. */
  runs: Runs | null;
  /** False while it is not known what stands in the field: then nothing can be painted over it. */
  isReady: boolean;
  /** Another one each time that pixels change. */
  edition: number;
}

export class Painter extends Easel<PainterState> {
  readonly sheet: Sheet;
  /** The field's classes; a class's place is its pixels' number, and the first one is the background. */
  classes: readonly string[] = [];
  private loaded: Runs | null = null;
  private dirty: Area | null;

  constructor(
    picture: Picture,
    private readonly onChange: (after: Runs, what: string) => void,
    start: Partial<EaselState> = {},
  ) {
    const [tool, brush] = ["brush" as const, firstBrush(picture)];
    super("segmentation", picture, {
      tool,
      label: "",
      brush,
      ...start,
      runs: null,
      isReady: false,
      edition: 0,
    });
    this.sheet = { ...picture, pixels: new Uint16Array(picture.width * picture.height) };
    this.dirty = whole(picture);
  }

  get resting(): readonly unknown[] {
    return [this.state.edition];
  }

  /** Takes over what stands in the field now: after a save, an undo, or somebody else's change. */
  load(runs: Runs | null): void {
    this.loaded = runs;
    if (this.state.isReady && runs?.runs === this.state.runs?.runs) return;
    const { width, height } = this.picture;
    const size = [height, width] as const;
    if (runs) this.sheet.pixels.set(resized(decoded(runs), runs.size, size));
    else this.sheet.pixels.fill(0);
    this.changed(whole(this.picture), runs);
  }

  revert(): void {
    this.state = { ...this.state, isReady: false };
    this.load(this.loaded);
  }

  /** Until `load`, when it is not known yet what stands in the field. */
  wait(): void {
    if (this.state.isReady) this.set({ isReady: false });
  }

  /** Whoever draws draws all of it anew. */
  touch(): void {
    this.dirty = whole(this.picture);
  }

  /** Where pixels have changed since this was asked last. */
  takeDirty(): Area | null {
    const dirty = this.dirty;
    this.dirty = null;
    return dirty;
  }

  protected do(deed: Deed | null): void {
    const done = deed && this.state.isReady ? this.painted(deed) : null;
    if (done) this.took(...done);
    else this.set({});
  }

  /** Where a deed painted, and what that was; null where it paints nothing. */
  private painted(deed: Deed): [Area, string] | null {
    const { label, brush } = this.state;
    const ink = label === VOID.name && hasVoid(this.classes) ? VOID.ink : this.classes.indexOf(label);
    if ("stroke" in deed && deed.erases) return [paint(this.sheet, deed.stroke, brush, 0), "mask erased"];
    // Without a class there is nothing to paint with.
    if (ink < 1 || "select" in deed) return null;
    if ("stroke" in deed) return [paint(this.sheet, deed.stroke, brush, ink), "mask painted"];
    if ("flood" in deed) return [flood(this.sheet, deed.flood, ink), "region filled"];
    if (!isPolyline(deed.put)) return null;
    return [paintPolygon(this.sheet, deed.put.points[0] ?? [], ink), "polygon filled"];
  }

  private took(area: Area, what: string): void {
    const { width, height } = this.picture;
    const runs = encoded(this.sheet.pixels, [height, width]);
    if (runs.runs === this.state.runs?.runs) this.set({});
    else {
      this.changed(area, runs);
      this.onChange(runs, what);
    }
  }

  private changed(area: Area, runs: Runs | null): void {
    this.dirty = union(this.dirty, area);
    this.set({ runs, isReady: true, edition: this.state.edition + 1 });
  }
}
