/** The one event of labelling: values that somebody changed; undo, saving and the page's cache listen to it. */

/** A value before and after; null is none. */
export interface Part {
  sample: number;
  field: string;
  /** The sample's name, for whoever reads of the change later. */
  name: string;
  before: unknown;
  after: unknown;
}

export interface Step {
  /** In a few words: "box added". */
  what: string;
  parts: readonly Part[];
}

export type Origin = "made" | "undone" | "redone";
export type Listener = (step: Step, origin: Origin) => void;

export class Changes {
  private readonly listeners = new Set<Listener>();

  on(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(step: Step, origin: Origin): void {
    if (step.parts.length > 0) for (const listener of this.listeners) listener(step, origin);
  }
}
