import { createElement } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { expect, test } from "vitest";
import { chooseKeys, resetKeys } from "./chosen-keys";
import { conflictOf, SHORTCUTS } from "./shortcuts";
import { isTaken, type KeyMap, once, useKeys } from "./use-keys";

function pressOn(html: string, key: string): boolean {
  document.body.innerHTML = html;
  let taken = false;
  document.body.addEventListener("keydown", (event) => {
    taken = isTaken(event);
  });
  document.body.firstElementChild?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  return taken;
}

test("keys rest while someone types", () => {
  expect(pressOn('<input type="text">', "x")).toBe(true);
  expect(pressOn("<textarea></textarea>", "f")).toBe(true);
});

test("a focused tick box or button does not swallow them", () => {
  expect(pressOn('<input type="checkbox">', "x")).toBe(false);
  expect(pressOn("<button>Open</button>", "ArrowRight")).toBe(false);
});

test("arrows belong to a focused slider", () => {
  expect(pressOn('<div role="slider"></div>', "ArrowRight")).toBe(true);
  expect(pressOn('<div role="slider"></div>', "x")).toBe(false);
});

test("a key that one place leaves is heard by the next", () => {
  const heard: string[] = [];
  function Place({ keys }: { keys: KeyMap }) {
    useKeys(keys);
    return null;
  }
  document.body.innerHTML = "<div></div>";
  const root = createRoot(document.body.firstElementChild as Element);
  const resting = createElement(Place, { key: "grid", keys: { x: () => false } });
  const awake = createElement(Place, { key: "sample", keys: { x: () => heard.push("sample") } });
  const below = createElement(Place, { key: "below", keys: { x: () => heard.push("below") } });
  flushSync(() => root.render([resting, awake, below]));
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "X", bubbles: true, cancelable: true }));
  expect(heard).toEqual(["sample"]);
  root.unmount();
});

test("a key that is held down is heard once by what asks for that", () => {
  const heard: string[] = [];
  function Place() {
    useKeys({ a: once(() => heard.push("a")), b: () => heard.push("b") });
    return null;
  }
  document.body.innerHTML = "<div></div>";
  const root = createRoot(document.body.firstElementChild as Element);
  flushSync(() => root.render(createElement(Place)));
  for (const repeat of [false, true, true]) {
    for (const key of ["a", "b"]) {
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key, repeat, bubbles: true }));
    }
  }
  expect(heard).toEqual(["a", "b", "b", "b"]);
  root.unmount();
});

test("a key that somebody chose takes the old one's place, and chords hold their modifiers", () => {
  const heard: string[] = [];
  function Place() {
    useKeys({ "sample.next": () => heard.push("next"), "annotate.undo": () => heard.push("undo") });
    return null;
  }
  document.body.innerHTML = "<div></div>";
  const root = createRoot(document.body.firstElementChild as Element);
  flushSync(() => root.render(createElement(Place)));
  const press = (key: string, more = {}) =>
    document.body.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }),
    );
  press("f");
  chooseKeys("sample.next", ["n"]);
  press("f");
  press("n");
  press("z");
  press("z", { ctrlKey: true });
  press("z", { metaKey: true });
  expect(heard).toEqual(["next", "next", "undo", "undo"]);
  resetKeys();
  root.unmount();
});

test("a chord that means something else at the same place is a conflict, elsewhere it is none", () => {
  expect(conflictOf("annotate.box", "p", {})).toMatchObject({ id: "annotate.polygon" });
  expect(conflictOf("annotate.box", "f", {})).toMatchObject({ id: "sample.next", place: "Sample" });
  expect(conflictOf("annotate.box", "n", {})).toBeNull();
  expect(conflictOf("annotate.box", "3", {})).toMatchObject({ id: "digits" });
});

test("no key has two meanings at one place as it comes", () => {
  const doubles = SHORTCUTS.flatMap(({ keys }) =>
    keys.flatMap(({ id, keys: chords }) => chords.filter((chord) => conflictOf(id, chord, {}))),
  );
  expect(doubles).toEqual([]);
});
