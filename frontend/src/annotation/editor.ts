/** The shapes of one field on one picture while somebody works on them: selection, tools and what they do. */

import { brushed } from "./brushed";
import { Easel, type EaselState, firstBrush, type Picture } from "./easel";
import { moved } from "./geometry";
import { newId, type ShapeLabel, type ShapeType, shapesOf } from "./shapes";
import { byHand, type Deed, TOOLS, WORDS } from "./tools/tool";

export interface EditorState extends EaselState {
  labels: readonly ShapeLabel[];
  selected: string | null;
  hidden: ReadonlySet<string>;
}

const ASIDE = 0.02;

export class Editor extends Easel<EditorState> {
  constructor(
    override readonly type: ShapeType,
    picture: Picture,
    private readonly onChange: (labels: readonly ShapeLabel[], what: string) => void,
    start: Partial<EditorState> = {},
  ) {
    const tool = TOOLS[type][1] ?? "select";
    const brush = firstBrush(picture);
    super(type, picture, { labels: [], selected: null, tool, hidden: new Set(), label: "", brush, ...start });
  }

  override get selected(): ShapeLabel | null {
    return this.state.labels.find(({ id }) => id === this.state.selected) ?? null;
  }

  override get visible(): readonly ShapeLabel[] {
    const { labels, hidden } = this.state;
    return hidden.size === 0 ? labels : labels.filter(({ id }) => !hidden.has(id));
  }

  /** Takes over what stands in the field now: after a save, an undo, or somebody else's change. */
  load(labels: readonly ShapeLabel[]): void {
    if (labels === this.state.labels) return;
    const stays = labels.some(({ id }) => id === this.state.selected);
    this.set({ labels, selected: stays ? this.state.selected : null });
  }

  get resting(): readonly unknown[] {
    const { labels, selected, hidden } = this.state;
    return [labels, selected, hidden];
  }

  revert(value: unknown): void {
    this.load(shapesOf(value));
  }

  select(id: string | null): void {
    this.set({ selected: id });
  }

  /** Gives up the shape in the making, else the selection; false if there was neither. */
  override cancel(): boolean {
    const had = super.cancel() || this.state.selected !== null;
    this.set({ selected: null });
    return had;
  }

  /** The class of the selected shape, and of those drawn next. */
  override classify(label: string): void {
    const { selected } = this;
    this.set({ label });
    if (selected && selected.label !== label)
      this.put({ ...byHand(selected), label }, `class set to ${label}`);
  }

  attribute(name: string, value: unknown): void {
    const { selected } = this;
    if (!selected) return;
    const { [name]: _, ...others } = selected.attributes ?? {};
    const attributes = value === null || value === "" ? others : { ...others, [name]: value };
    this.put({ ...selected, attributes }, `${name} changed`);
  }

  override remove(): boolean {
    const { selected, labels } = this.state;
    if (selected === null) return false;
    this.set({ selected: null });
    this.commit(
      labels.filter(({ id }) => id !== selected),
      `${WORDS[this.type]} deleted`,
    );
    return true;
  }

  override duplicate(): boolean {
    const { selected } = this;
    if (!selected) return false;
    const copy = { ...byHand(selected), id: newId() };
    const aside = moved(copy, [ASIDE, ASIDE]);
    this.put(aside === copy ? copy : aside, `${WORDS[this.type]} duplicated`);
    return true;
  }

  override next(by: 1 | -1 = 1): boolean {
    const { visible } = this;
    const at = visible.findIndex(({ id }) => id === this.state.selected);
    const to = at < 0 ? (by > 0 ? 0 : visible.length - 1) : at + by;
    const label = visible[to];
    this.set({ selected: label?.id ?? null });
    return label !== undefined;
  }

  /** Hides the selected shape, or shows all again; nothing is stored. */
  override hide(): boolean {
    const { selected, hidden } = this.state;
    this.set(
      selected === null ? { hidden: new Set() } : { hidden: new Set([...hidden, selected]), selected: null },
    );
    return true;
  }

  protected do(deed: Deed | null): void {
    if (!deed || "flood" in deed) this.set({});
    else if ("select" in deed) this.set({ selected: deed.select });
    else if ("put" in deed) this.put(deed.put, deed.what);
    else {
      const label = brushed(deed, this.scene());
      if (label) this.put(label, deed.erases ? "mask erased" : "mask painted");
      else this.set({});
    }
  }

  private put(label: ShapeLabel, what: string): void {
    const { labels } = this.state;
    const isKnown = labels.some(({ id }) => id === label.id);
    this.commit(
      isKnown ? labels.map((each) => (each.id === label.id ? label : each)) : [...labels, label],
      what,
    );
    this.set({ selected: label.id });
  }

  private commit(labels: readonly ShapeLabel[], what: string): void {
    this.set({ labels });
    this.onChange(labels, what);
  }
}
