/** Labelling on one dataset: changes, their undo, their saving, and what the page shows meanwhile. */

import type { QueryClient } from "@tanstack/react-query";
import { Changes, type Origin, type Step } from "@/annotation/changes";
import type { Draft, DraftStore } from "@/annotation/drafts";
import { History } from "@/annotation/history";
import { Saver } from "@/annotation/saving";
import type { SaverPorts, Written } from "@/annotation/saving-ports";
import { keys } from "@/api/query-client";
import { putTags } from "@/api/samples/update-tags";
import type { Me, Sample, ValueFacts } from "@/api/types";
import { putValues } from "@/api/values/put-values";
import { patchSample, readSample, withFacts, withValue } from "./cache";
import { isTags, valueIn } from "./targets";

/** How long the counts of the panel wait for more changes. */
const COUNTS_MS = 800;

const toServer =
  (dataset: number): SaverPorts["send"] =>
  (field, values) =>
    isTags(field) ? putTags(dataset, values) : putValues(dataset, field, values);

export class Labelling {
  readonly changes = new Changes();
  readonly history = new History(this.changes);
  readonly saver: Saver;
  /** Revisions as this page wrote them, for samples that it no longer shows. */
  private readonly revisions = new Map<string, number>();
  private counting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly dataset: number,
    private readonly me: Me,
    private readonly client: QueryClient,
    private readonly drafts: DraftStore,
    send: SaverPorts["send"] = toServer(dataset),
  ) {
    this.saver = new Saver({
      ...{ dataset, user: me.id, drafts, now: Date.now },
      send,
      onWritten: (written) => this.noteWritten(written),
      later: (act, milliseconds) => setTimeout(act, milliseconds),
    });
    this.changes.on((step, origin) => this.apply(step, origin));
  }

  make(step: Step): void {
    this.changes.emit(step, "made");
  }

  on(listener: (step: Step, origin: Origin) => void): () => void {
    return this.changes.on(listener);
  }

  /** What stands in a field of a sample now, saved or not. */
  value(sample: Sample, field: string): unknown {
    const pending = this.saver.pending(sample.id, field);
    return pending ? pending.value : valueIn(sample, field);
  }

  /** Drafts of an earlier visit: not those that this page is about to save. */
  async left(): Promise<Draft[]> {
    const kept = await this.drafts.of(this.dataset, this.me.id);
    return kept.filter((draft) => !this.saver.pending(draft.sample, draft.field));
  }

  restore(drafts: readonly Draft[]): void {
    for (const { sample, field, value } of drafts) this.show(sample, field, value);
    this.saver.write(drafts);
  }

  drop(drafts: readonly Draft[]): Promise<void> {
    return this.drafts.remove(drafts);
  }

  /** Gives up a value that the server refused; the page reads what stands there. */
  discard(sample: number, field: string): void {
    this.saver.discard(sample, field);
    this.reread(sample);
  }

  private apply({ parts }: Step, origin: Origin): void {
    const writes = parts.map(({ sample, field, name, before, after }) => {
      // Undone is what this page wrote: what somebody else wrote over it since is a conflict, and not lost.
      const own = origin === "made" ? undefined : this.revisions.get(`${sample} ${field}`);
      const seen = own ?? this.seen(sample, field);
      return { sample, field, name, value: after, seen, base: isTags(field) ? (before ?? []) : undefined };
    });
    for (const { sample, field, after } of parts) this.show(sample, field, after);
    this.saver.write(writes);
  }

  private seen(sample: number, field: string): number {
    const read = readSample(this.client, this.dataset, sample);
    return read ? (read.provenance[field]?.revision ?? 0) : (this.revisions.get(`${sample} ${field}`) ?? 0);
  }

  private show(sample: number, field: string, value: unknown): void {
    patchSample(this.client, this.dataset, sample, (old) => withValue(old, field, value));
  }

  private noteWritten(written: readonly Written[]): void {
    for (const { sample, field, value, revision, theirs } of written) {
      this.revisions.set(`${sample} ${field}`, revision);
      const facts = value === null ? null : this.facts(revision);
      // The value too: a read that began before it was written may have brought the old one.
      patchSample(this.client, this.dataset, sample, (old) =>
        withFacts(withValue(old, field, value), field, facts),
      );
      // Of theirs it is not known who wrote it, and a read given up for the change has to be made up for.
      if (theirs || !readSample(this.client, this.dataset, sample)) this.reread(sample);
    }
    clearTimeout(this.counting);
    this.counting = setTimeout(() => this.recount(), COUNTS_MS);
  }

  private facts(revision: number): ValueFacts {
    const written_at = new Date().toISOString();
    return {
      source: "human",
      job: null,
      model_version: null,
      model: null,
      editor: this.me.username,
      revision,
      written_at,
    };
  }

  private recount(): void {
    void this.client.invalidateQueries({ queryKey: keys.facets(this.dataset) });
    void this.client.invalidateQueries({ queryKey: keys.dataset(this.dataset) });
  }

  private reread(sample: number): void {
    void this.client.invalidateQueries({ queryKey: [...keys.sample(this.dataset), sample] });
  }
}
