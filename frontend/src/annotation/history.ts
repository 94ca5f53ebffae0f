/** Undo and redo over all samples: an observer of the changes that were made. */

import type { Changes, Step } from "./changes";

const MOST = 1_000;

const turned = ({ what, parts }: Step): Step => ({
  what,
  parts: parts.map((part) => ({ ...part, before: part.after, after: part.before })),
});

export class History {
  private done: Step[] = [];
  private taken: Step[] = [];

  constructor(private readonly changes: Changes) {
    changes.on((step, origin) => {
      if (origin !== "made") return;
      this.done = [...this.done, step].slice(-MOST);
      this.taken = [];
    });
  }

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.taken.length > 0;
  }

  /** Takes the last change back, on whatever sample it was; returns it, or null where there is none. */
  undo(): Step | null {
    const step = this.done.pop();
    if (!step) return null;
    this.taken.push(step);
    this.changes.emit(turned(step), "undone");
    return step;
  }

  redo(): Step | null {
    const step = this.taken.pop();
    if (!step) return null;
    this.done.push(step);
    this.changes.emit(step, "redone");
    return step;
  }
}
