/** What saving needs, and what it tells. */

import type { Draft, DraftStore } from "./drafts";

export type Write = Omit<Draft, "dataset" | "user" | "at">;

export interface Sent {
  sample: number;
  value: unknown;
  revision: number;
  base?: unknown;
}

export interface Theirs {
  sample: number;
  theirs: unknown;
  revision: number;
}

/** What the server said, or that it said nothing. */
export type Answer =
  | {
      kind: "done";
      revisions: Readonly<Record<string, number>>;
      conflicts: readonly Theirs[];
      /** What stands there now, where that is not what was sent. */
      values?: Readonly<Record<string, unknown>>;
    }
  | { kind: "silent" }
  | { kind: "refused"; message: string };

export interface Written {
  sample: number;
  field: string;
  value: unknown;
  revision: number;
  /** Whether it is somebody else's value, taken over after a conflict. */
  theirs?: boolean;
}

export interface Unsaved extends Draft {
  conflict: { theirs: unknown; revision: number } | null;
  refused: string | null;
}

export interface Saving {
  state: "saved" | "saving" | "offline" | "conflict" | "refused";
  unsaved: readonly Unsaved[];
}

export interface SaverPorts {
  dataset: number;
  user: number;
  drafts: DraftStore;
  send: (field: string, values: readonly Sent[]) => Promise<Answer>;
  onWritten: (written: readonly Written[]) => void;
  later: (act: () => void, milliseconds: number) => void;
  now: () => number;
}
