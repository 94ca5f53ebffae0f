/** Saves each change at once: first as a draft beside the page, then to the server; nothing is dropped unsaid. */

import type { Draft } from "./drafts";
import { groupsOf } from "./saving-groups";
import type { Answer, SaverPorts, Saving, Unsaved, Write, Written } from "./saving-ports";

interface Entry extends Unsaved {
  version: number;
  /** Whether a request with this sample's value is on its way. */
  busy: boolean;
  /** Set after a refusal of several values at once, to find out which one was meant. */
  alone: boolean;
}

const AGAIN_MS = 3_000;
/** Also of an answer that broke off: it may be stored or not, and is sent again. */
const SILENT: Answer = { kind: "silent" };
const SAVED: Saving = { state: "saved", unsaved: [] };

export class Saver {
  private readonly entries = new Map<string, Entry>();
  private readonly listeners = new Set<() => void>();
  private stored: Promise<unknown> = Promise.resolve();
  private silent = false;
  private knocking = false;
  private shown: Saving = SAVED;

  constructor(private readonly ports: SaverPorts) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): Saving => this.shown;

  /** A value that the server does not have yet. */
  pending(sample: number, field: string): Unsaved | undefined {
    return this.entries.get(place(sample, field));
  }

  write(writes: readonly Write[]): void {
    const at = this.ports.now();
    const { dataset, user } = this.ports;
    const drafts = writes.map((write) => {
      const key = place(write.sample, write.field);
      const known = this.entries.get(key);
      const entry: Entry = {
        ...{ busy: false, alone: false, conflict: null, dataset, user },
        ...known,
        ...{
          ...write,
          at,
          refused: null,
          seen: known?.seen ?? write.seen,
          base: known ? known.base : write.base,
          version: (known?.version ?? 0) + 1,
        },
      };
      this.entries.set(key, entry);
      return draftOf(entry);
    });
    this.keep(() => this.ports.drafts.put(drafts));
    this.tell();
    void this.flush();
  }

  /** Sends all that waits; also called when the connection is back. */
  readonly flush = async (): Promise<void> => {
    const waiting = [...this.entries.values()].filter(
      (each) => !each.busy && !each.conflict && !each.refused,
    );
    const groups = groupsOf(waiting);
    for (const entry of waiting) entry.busy = true;
    await Promise.all(groups.map((group) => this.send(group)));
  };

  /** Ends a conflict: with a value of one's own (over theirs), or with theirs. */
  resolve(sample: number, field: string, choice: { keep: unknown } | "theirs"): void {
    const entry = this.entries.get(place(sample, field));
    if (!entry?.conflict) return;
    const { theirs, revision } = entry.conflict;
    if (choice === "theirs") {
      this.forget([entry]);
      this.ports.onWritten([{ sample, field, value: theirs, revision, theirs: true }]);
      this.tell();
      return;
    }
    entry.conflict = null;
    entry.seen = revision;
    this.write([{ ...draftOf(entry), value: choice.keep }]);
  }

  /** Tries a refused value once more, or gives it up. */
  retry(sample: number, field: string): void {
    const entry = this.entries.get(place(sample, field));
    if (entry) this.write([draftOf(entry)]);
  }

  discard(sample: number, field: string): void {
    const entry = this.entries.get(place(sample, field));
    if (!entry) return;
    this.forget([entry]);
    this.tell();
  }

  private async send(group: readonly Entry[]): Promise<void> {
    const field = group[0]?.field ?? "";
    const sent = group.map((entry) => ({ entry, version: entry.version, value: entry.value }));
    // The draft first: whatever happens to the request or to the page, the change is somewhere.
    await this.stored;
    const values = group.map(({ sample, value, seen, base }) => ({ sample, value, revision: seen, base }));
    const answer = await this.ports.send(field, values).catch(() => SILENT);
    const entries = sent.map((each) => ({ ...each, entry: this.current(each.entry) }));
    for (const { entry } of entries) if (entry) entry.busy = false;
    this.silent = answer.kind === "silent";
    if (answer.kind === "silent") this.knock();
    else if (answer.kind === "refused") this.refuse(group.length > 1, answer.message, entries);
    else this.settle(answer, entries);
    this.tell();
    if (answer.kind !== "silent") void this.again();
  }

  private settle(answer: Answer & { kind: "done" }, sent: readonly SentEntry[]): void {
    const conflicts = new Map(answer.conflicts.map((each) => [each.sample, each]));
    const written: Written[] = [];
    const changedSince: Entry[] = [];
    for (const { entry, version, value } of sent) {
      if (!entry) continue;
      const conflict = conflicts.get(entry.sample);
      if (conflict) {
        entry.conflict = { theirs: conflict.theirs, revision: conflict.revision };
        continue;
      }
      const revision = answer.revisions[String(entry.sample)] ?? 0;
      const key = String(entry.sample);
      const standing = answer.values && key in answer.values ? answer.values[key] : value;
      written.push({ sample: entry.sample, field: entry.field, value: standing, revision });
      entry.seen = revision;
      if (entry.base !== undefined) entry.base = value;
      if (entry.version !== version) changedSince.push(entry);
    }
    const done = sent.flatMap(({ entry, version }) =>
      entry && entry.version === version && !entry.conflict ? [entry] : [],
    );
    this.ports.onWritten(written);
    this.forget(done);
    if (changedSince.length > 0) this.keep(() => this.ports.drafts.put(changedSince.map(draftOf)));
  }

  private refuse(severally: boolean, message: string, sent: readonly SentEntry[]): void {
    for (const { entry } of sent) {
      if (!entry) continue;
      if (severally) entry.alone = true;
      else entry.refused = message;
    }
  }

  private again(): Promise<void> | undefined {
    const more = [...this.entries.values()].some((each) => !each.busy && !each.conflict && !each.refused);
    return more ? this.flush() : undefined;
  }

  private knock(): void {
    if (this.knocking) return;
    this.knocking = true;
    this.ports.later(() => {
      this.knocking = false;
      void this.flush();
    }, AGAIN_MS);
  }

  private current(entry: Entry): Entry | undefined {
    return this.entries.get(place(entry.sample, entry.field));
  }

  private forget(entries: readonly Entry[]): void {
    for (const { sample, field } of entries) this.entries.delete(place(sample, field));
    this.keep(() => this.ports.drafts.remove(entries));
  }

  /** One after the other, so that a draft is never put back after it was removed. */
  private keep(act: () => Promise<void>): void {
    this.stored = this.stored.then(act).catch(() => {});
  }

  private tell(): void {
    const unsaved = [...this.entries.values()];
    this.shown = unsaved.length === 0 ? SAVED : { state: this.state(unsaved), unsaved: unsaved.map(copyOf) };
    for (const listener of this.listeners) listener();
  }

  private state(unsaved: readonly Entry[]): Saving["state"] {
    if (unsaved.some((each) => each.conflict)) return "conflict";
    if (unsaved.some((each) => each.refused)) return "refused";
    return this.silent ? "offline" : "saving";
  }
}

interface SentEntry {
  entry: Entry | undefined;
  version: number;
  value: unknown;
}

const place = (sample: number, field: string): string => `${sample} ${field}`;
const copyOf = (entry: Entry): Unsaved => ({ ...entry });

const draftOf = ({ dataset, user, sample, field, name, value, seen, base, at }: Draft): Draft => ({
  ...{ dataset, user, sample, field, name, value, seen, base, at },
});
