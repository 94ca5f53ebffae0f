/** The keys that somebody chose, kept in this browser and the same in all its tabs. */

import { useSyncExternalStore } from "react";
import { type Chosen, keysOf, SHORTCUTS } from "./shortcuts";

const KEPT = "samplecase.keys";
const listeners = new Set<() => void>();
let chosen: Chosen = read();

function read(): Chosen {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    if (typeof kept !== "object" || kept === null) return {};
    return Object.fromEntries(
      Object.entries(kept).filter(
        ([, keys]) => Array.isArray(keys) && keys.every((key) => typeof key === "string"),
      ),
    );
  } catch {
    return {};
  }
}

const tell = () => {
  for (const listener of listeners) listener();
};

globalThis.addEventListener?.("storage", (event) => {
  if (event.key !== KEPT) return;
  chosen = read();
  tell();
});

function keep(next: Chosen): void {
  chosen = next;
  try {
    localStorage.setItem(KEPT, JSON.stringify(next));
  } catch {
    // A browser that keeps nothing still follows the choice until the page is left.
  }
  tell();
}

export const chosenKeys = (): Chosen => chosen;

export function chooseKeys(id: string, keys: readonly string[]): void {
  keep({ ...chosen, [id]: keys });
}

export const resetKeys = (): void => keep({});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useChosenKeys = (): Chosen => useSyncExternalStore(subscribe, chosenKeys);

/** The ids of all shortcuts that a chord stands for now. */
export function meantBy(chord: string): string[] {
  return SHORTCUTS.flatMap(({ keys }) =>
    keys.filter((each) => keysOf(each, chosen).includes(chord)).map(({ id }) => id),
  );
}
