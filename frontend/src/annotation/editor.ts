/** The shapes of one field on one picture while somebody works on them: selection, tools and what they do. */

import { moved } from "./geometry";
import { newId, type Point, type ShapeLabel, type ShapeType } from "./shapes";
import { MAKE } from "./tools/make";
import {
  byHand,
  type Deed,
  type Pointer,
  type Scene,
  TOOLS,
  type Tool,
  type ToolName,
  WORDS,
} from "./tools/tool";

export interface EditorState {
  labels: readonly ShapeLabel[];
  selected: string | null;
  tool: ToolName;
  hidden: ReadonlySet<string>;
  /** The class of what is drawn next. */
  label: string;
  brush: number;
}

export interface Picture {
  width: number;
  height: number;
}

const BRUSHES = [1, 256] as const;
const ASIDE = 0.02;

export class Editor {
  private state: EditorState;
  private tool: Tool;
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly type: ShapeType,
    readonly picture: Picture,
    private readonly onChange: (labels: readonly ShapeLabel[], what: string) => void,
    start: Partial<EditorState> = {},
  ) {
    const tool = TOOLS[type][1] ?? "select";
    const brush = Math.max(2, Math.round(Math.max(picture.width, picture.height) / 50));
    this.state = { labels: [], selected: null, tool, hidden: new Set(), label: "", brush, ...start };
    this.tool = MAKE[this.state.tool]();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): EditorState => this.state;

  get active(): ShapeLabel | null {
    return this.tool.active;
  }

  get stroke(): readonly Point[] {
    return this.tool.stroke ?? [];
  }

  get selected(): ShapeLabel | null {
    return this.state.labels.find(({ id }) => id === this.state.selected) ?? null;
  }

  get visible(): readonly ShapeLabel[] {
    const { labels, hidden } = this.state;
    return hidden.size === 0 ? labels : labels.filter(({ id }) => !hidden.has(id));
  }

  /** Takes over what stands in the field now: after a save, an undo, or somebody else's change. */
  load(labels: readonly ShapeLabel[]): void {
    if (labels === this.state.labels) return;
    const stays = labels.some(({ id }) => id === this.state.selected);
    this.set({ labels, selected: stays ? this.state.selected : null });
  }

  use(name: ToolName): boolean {
    if (!TOOLS[this.type].includes(name)) return false;
    this.tool.cancel();
    this.tool = MAKE[name]();
    this.set({ tool: name });
    return true;
  }

  select(id: string | null): void {
    this.set({ selected: id });
  }

  press(pointer: Pointer): void {
    this.do(this.tool.press(pointer, this.scene()));
  }

  move(pointer: Pointer): void {
    this.tool.move(pointer, this.scene());
    // The state is the same: whoever draws the shape in the making draws, and lists do not render again.
    if (this.tool.active || this.stroke.length > 0) this.tell();
  }

  release(pointer: Pointer): void {
    this.do(this.tool.release(pointer, this.scene()));
  }

  finish(): void {
    this.do(this.tool.finish(this.scene()));
  }

  /** Gives up the shape in the making, else the selection; false if there was neither. */
  cancel(): boolean {
    const had = this.tool.cancel() || this.state.selected !== null;
    this.set({ selected: null });
    return had;
  }

  /** The class of what is drawn next; what is selected keeps its own. */
  draw(label: string): void {
    this.set({ label });
  }

  /** The class of the selected shape, and of those drawn next. */
  classify(label: string): void {
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

  remove(): boolean {
    const { selected, labels } = this.state;
    if (selected === null) return false;
    this.set({ selected: null });
    this.commit(
      labels.filter(({ id }) => id !== selected),
      `${WORDS[this.type]} deleted`,
    );
    return true;
  }

  duplicate(): boolean {
    const { selected } = this;
    if (!selected) return false;
    const copy = { ...byHand(selected), id: newId() };
    const aside = moved(copy, [ASIDE, ASIDE]);
    this.put(aside === copy ? copy : aside, `${WORDS[this.type]} duplicated`);
    return true;
  }

  /** Selects the next shape; false after the last one, so that the focus goes on. */
  next(by: 1 | -1 = 1): boolean {
    const { visible } = this;
    const at = visible.findIndex(({ id }) => id === this.state.selected);
    const to = at < 0 ? (by > 0 ? 0 : visible.length - 1) : at + by;
    const label = visible[to];
    this.set({ selected: label?.id ?? null });
    return label !== undefined;
  }

  /** Hides the selected shape, or shows all again; nothing is stored. */
  hide(): void {
    const { selected, hidden } = this.state;
    this.set(
      selected === null ? { hidden: new Set() } : { hidden: new Set([...hidden, selected]), selected: null },
    );
  }

  resizeBrush(by: 1 | -1): void {
    const next = Math.round(by > 0 ? this.state.brush * 1.25 + 0.5 : this.state.brush / 1.25 - 0.5);
    this.set({ brush: Math.min(BRUSHES[1], Math.max(BRUSHES[0], next)) });
  }

  private scene(): Scene {
    const { label, brush } = this.state;
    return { type: this.type, labels: this.visible, selected: this.selected, label, brush, ...this.picture };
  }

  private do(deed: Deed | null): void {
    if (!deed) this.set({});
    else if ("select" in deed) this.set({ selected: deed.select });
    else this.put(deed.put, deed.what);
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

  private set(patch: Partial<EditorState>): void {
    this.state = { ...this.state, ...patch };
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
