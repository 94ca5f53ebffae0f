/** Every key of the page in one place: what the help shows, what people may change, and what a press means. */

export interface Shortcut {
  id: string;
  /** Chords such as "x", "ArrowLeft" or "Ctrl+Shift+z". */
  keys: readonly string[];
  does: string;
  /** Not for changing: part of a convention, or not of the keyboard alone. */
  fixed?: boolean;
}

export interface Place {
  place: string;
  /** Places whose keys are heard at the same time. */
  beside: readonly string[];
  keys: readonly Shortcut[];
}

const key = (id: string, keys: string | readonly string[], does: string, fixed = false): Shortcut => ({
  id,
  keys: typeof keys === "string" ? [keys] : keys,
  does,
  fixed,
});

export const SHORTCUTS: readonly Place[] = [
  { place: "Everywhere", beside: [], keys: [key("help", "?", "This help")] },
  {
    place: "Grid",
    beside: ["Everywhere"],
    keys: [
      key("grid.move", ["ArrowLeft", "ArrowUp", "ArrowDown", "ArrowRight"], "Go from sample to sample", true),
      key("grid.ends", ["Home", "End"], "The first, the last loaded", true),
      key("grid.open", "Enter", "Open the sample", true),
      key("grid.select", "x", "Select the sample at hand"),
      key("grid.toggle", "Ctrl+click", "Select a sample", true),
      key("grid.range", "Shift+click", "Select up to here", true),
      key("grid.label", "1 … 9", "Give the selected samples a class", true),
      key("grid.undo", "Ctrl+z", "Undo"),
      key("grid.redo", ["Ctrl+Shift+z", "Ctrl+y"], "Redo"),
      key("grid.clear", "Escape", "Clear the selection"),
    ],
  },
  {
    place: "Sample",
    beside: ["Everywhere", "Annotate"],
    keys: [
      key("sample.previous", ["ArrowLeft", "d"], "Previous sample"),
      key("sample.next", ["ArrowRight", "f"], "Next sample"),
      key("sample.select", "x", "Select this sample"),
      key("sample.closer", ["+", "="], "Zoom in"),
      key("sample.farther", "-", "Zoom out"),
      key("sample.fit", "0", "Fit the image"),
      key("sample.labels", "z", "Zoom to the labels"),
      key("sample.panel", "s", "Show or hide the panel"),
      key("sample.json", "j", "Raw JSON"),
      key("sample.annotate", "a", "Explore or annotate"),
      key("sample.close", "Escape", "Back to the grid"),
    ],
  },
  {
    place: "Annotate",
    beside: ["Everywhere", "Sample"],
    keys: [
      key("annotate.select", "v", "Select, move, resize"),
      key("annotate.box", "r", "Box"),
      key("annotate.polygon", "p", "Polygon"),
      key("annotate.polyline", "l", "Line"),
      key("annotate.keypoints", "k", "Keypoints"),
      key("annotate.brush", "b", "Brush"),
      key("annotate.eraser", "e", "Eraser"),
      key("annotate.flood", "g", "Fill a region"),
      key("annotate.smaller", "[", "Smaller brush"),
      key("annotate.larger", "]", "Larger brush"),
      key("annotate.pan", "h", "Move the image (or hold the space bar)"),
      key("annotate.class", "1 … 9", "Choose the class", true),
      key("annotate.finish", "Enter", "End the shape"),
      key("annotate.nextObject", "Tab", "Next object, while the image has the focus", true),
      key("annotate.delete", ["Delete", "Backspace"], "Delete the object"),
      key("annotate.duplicate", "Ctrl+d", "Duplicate the object"),
      key("annotate.hide", "Alt+h", "Hide the object, or show all"),
      key("annotate.undo", "Ctrl+z", "Undo, over samples too"),
      key("annotate.redo", ["Ctrl+Shift+z", "Ctrl+y"], "Redo"),
      key("annotate.done", ["Ctrl+Enter", "Ctrl+s"], "Saved: next sample"),
    ],
  },
  {
    place: "Review",
    beside: ["Everywhere"],
    keys: [
      key("review.accept", ["a", "Enter"], "Accept what the model says"),
      key("review.reject", "r", "Reject it"),
      key("review.class", "1 … 9", "Give the class instead", true),
      key("review.correct", "c", "Correct it: any class, or the objects"),
      key("review.undo", ["u", "Ctrl+z"], "Take the last decision back"),
      key("review.next", ["ArrowRight", "f"], "Skip: the next sample"),
      key("review.previous", ["ArrowLeft", "d"], "The sample before"),
      key("review.close", "Escape", "Leave the review"),
    ],
  },
  {
    place: "Models",
    beside: ["Everywhere"],
    keys: [
      key("models.search", "/", "Search"),
      key("models.create", "n", "Create a model"),
      key("models.upload", "u", "On a model: upload a version"),
      key("models.deploy", "d", "On a model: deploy"),
    ],
  },
];

/** Chords that somebody chose instead, by the shortcut's id. */
export type Chosen = Readonly<Record<string, readonly string[]>>;

export const keysOf = (shortcut: Shortcut, chosen: Chosen): readonly string[] =>
  (shortcut.fixed ? undefined : chosen[shortcut.id]) ?? shortcut.keys;

/** What a press writes, with the modifiers that change its meaning; letters count in either case. */
export function chordOf(event: KeyboardEvent): string {
  const command = event.ctrlKey || event.metaKey;
  // Alt writes other letters on some keyboards; the key is meant.
  const letter = event.altKey && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3) : event.key;
  const name = letter === " " ? "Space" : letter.length === 1 ? letter.toLowerCase() : letter;
  // Shift belongs to what a key writes ("?", "+"), except where nothing is written.
  const shift = event.shiftKey && (command || event.altKey || name.length > 1);
  return [command && "Ctrl", event.altKey && "Alt", shift && "Shift", name].filter(Boolean).join("+");
}

const SHOWN: Record<string, string> = {
  ...{ ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" },
  ...{ Escape: "Esc", Delete: "Del", "-": "−" },
};

/** A chord as its keys, for people: "Ctrl+z" is Ctrl and Z. */
export function shownKeys(chord: string): string[] {
  const parts = chord.length > 1 ? chord.split("+") : [chord];
  return parts.map(
    (part) => SHOWN[part] ?? (parts.length > 1 && part.length === 1 ? part.toUpperCase() : part),
  );
}

/** The other shortcut that this chord would set off at the same time. */
export function conflictOf(id: string, chord: string, chosen: Chosen): (Shortcut & { place: string }) | null {
  const home = SHORTCUTS.find(({ keys }) => keys.some((each) => each.id === id));
  for (const { place, keys, beside } of SHORTCUTS) {
    const isHeard =
      place === home?.place || home?.beside.includes(place) || beside.includes(home?.place ?? "");
    const other = isHeard
      ? keys.find((each) => each.id !== id && keysOf(each, chosen).includes(chord))
      : undefined;
    if (other) return { ...other, place };
  }
  const isDigit =
    /^[1-9]$/.test(chord) &&
    (home?.place === "Grid" ||
      home?.place === "Review" ||
      home?.beside.includes("Annotate") ||
      home?.place === "Annotate");
  return isDigit
    ? { id: "digits", keys: [chord], does: "Choose a class", place: "Annotate", fixed: true }
    : null;
}
