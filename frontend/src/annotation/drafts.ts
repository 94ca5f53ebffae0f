/** What is kept of changes that the server does not have yet. */

export interface Draft {
  dataset: number;
  user: number;
  sample: number;
  field: string;
  name: string;
  value: unknown;
  /** The revision that was changed; 0: there was no value. */
  seen: number;
  /** What stood there as one saw it, of values of which only the difference is sent. */
  base?: unknown;
  /** When, in milliseconds since 1970. */
  at: number;
}

export type DraftKey = Pick<Draft, "dataset" | "user" | "sample" | "field">;

/** Where drafts are kept. */
export interface DraftStore {
  put(drafts: readonly Draft[]): Promise<void>;
  remove(drafts: readonly DraftKey[]): Promise<void>;
  of(dataset: number, user: number): Promise<Draft[]>;
}

export const keyOf = ({ dataset, user, sample, field }: DraftKey): string =>
  JSON.stringify([dataset, user, sample, field]);

/** Drafts that live as long as the page: for browsers that refuse to keep anything. */
export class DraftsInMemory implements DraftStore {
  private readonly kept = new Map<string, Draft>();

  async put(drafts: readonly Draft[]): Promise<void> {
    for (const draft of drafts) this.kept.set(keyOf(draft), draft);
  }

  async remove(drafts: readonly DraftKey[]): Promise<void> {
    for (const draft of drafts) this.kept.delete(keyOf(draft));
  }

  async of(dataset: number, user: number): Promise<Draft[]> {
    return [...this.kept.values()].filter((draft) => draft.dataset === dataset && draft.user === user);
  }
}
