/** Shortcuts by what the key writes, whatever the keyboard's layout; silent while someone types. */

import { useEffect, useRef } from "react";
import { meantBy } from "./chosen-keys";
import { chordOf } from "./shortcuts";

/** What to do, by the id of a shortcut ("sample.next") or by a chord that nobody may change ("1"). */
export type KeyMap = Record<string, ((event: KeyboardEvent) => unknown) | undefined>;

const TYPED_INTO =
  "input:not([type=checkbox]):not([type=radio]):not([readonly]), textarea, select, [contenteditable=true]";

/** Whether a key press belongs to what is focused: text being typed, or a list, menu or slider that uses it. */
export function isTaken(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof Element)) return false;
  if (target.closest(TYPED_INTO)) return true;
  // Space and Enter press the button that has the focus.
  if ([" ", "Enter"].includes(event.key) && !event.ctrlKey && !event.metaKey) {
    return target.closest("button, a, input, [role=tab], [role=combobox]") !== null;
  }
  return (
    event.key.startsWith("Arrow") &&
    target.closest("[role=slider], [role=menu], [role=tablist], [role=radiogroup], [role=combobox]") !== null
  );
}

/** Calls the function of what was pressed. One that returns false leaves it to the next. */
export function useKeys(keys: KeyMap): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTaken(event)) return;
      const chord = chordOf(event);
      for (const name of [chord, ...meantBy(chord)]) {
        const act = latest.current[name];
        if (act && act(event) !== false) {
          event.preventDefault();
          return;
        }
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

/** How many dialogs lie over the page. */
export const dialogs = (): number => document.querySelectorAll("[role=dialog]").length;

/** Whether a dialog lies over the page, so that the page's own keys rest. */
export const isDialogOpen = (): boolean => dialogs() > 0;

/** Keys that are heard while this many dialogs are open and no more: those of a dialog, and not of one above it. */
export const within = (open: number, keys: KeyMap): KeyMap =>
  Object.fromEntries(
    Object.entries(keys).map(([name, act]) => [
      name,
      (event: KeyboardEvent) => dialogs() === open && act?.(event),
    ]),
  );

/** One press, one deed: a key that is held down says nothing more. */
export const once =
  (act: () => unknown) =>
  (event: KeyboardEvent): unknown =>
    event.repeat || act();
