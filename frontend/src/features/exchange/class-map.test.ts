import { expect, test } from "vitest";
import type { Field, ImportedField } from "@/api/types";
import { classesOf, labelRows, proposedTargets, sentMap } from "./class-map";

const field = (name: string, labels: [string, number][], target = name) =>
  ({ name, target, labels: labels.map(([label, count]) => ({ label, count })) }) as unknown as ImportedField;
const ours = (name: string, classes: string[]) => ({ name, classes }) as Field;

test("labels of all fields that are taken are one list, in the file's order", () => {
  const fields = [field("a", [["dog", 2]]), field("b", [["cat", 1], ["dog", 3]]), field("c", [["ant", 1]])]; // biome-ignore format: a table
  const rows = labelRows(fields, { a: "a", b: "b", c: null }, {}, new Set());
  expect(rows.map(({ label, count }) => [label, count])).toEqual([
    ["dog", 5],
    ["cat", 1],
  ]);
});

test("a label is known when its target is a class, or is left out", () => {
  const known = new Set(["wolf"]);
  const rows = (map: Record<string, string | null>) =>
    labelRows([field("a", [["dog", 1]])], { a: "a" }, map, known)[0];
  expect(rows({})?.isKnown).toBe(false);
  expect(rows({ dog: "wolf" })).toMatchObject({ target: "wolf", isKnown: true });
  expect(rows({ dog: null })).toMatchObject({ target: null, isKnown: true });
});

test("a field that takes any label makes every label known", () => {
  const targets = proposedTargets([field("theirs", [], "boxes")]);
  expect(targets).toEqual({ theirs: "boxes" });
  expect([...classesOf(targets, [ours("boxes", ["cat"]), ours("other", ["x"])])]).toEqual(["cat"]);
  expect(classesOf(targets, [ours("boxes", [])]).size).toBe(0);
});

test("only what changes is sent", () => {
  expect(sentMap({ dog: "wolf", cat: "cat", ant: null, bee: " " })).toEqual({ dog: "wolf", ant: null });
});
