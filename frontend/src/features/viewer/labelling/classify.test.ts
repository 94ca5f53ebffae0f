import { expect, test } from "vitest";
import type { Sample } from "@/api/types";
import { labelStep } from "./classify";
import { TAGS } from "./targets";

const sample = (id: number, value: unknown, tags: string[] = []) =>
  ({ id, name: `${id}.png`, values: { kind: value }, tags }) as unknown as Sample;
const choice = (type: "classification" | "classifications", label: string) => ({
  ...{ target: "kind", type, label, current: (each: Sample) => each.values.kind ?? null },
});
const after = (step: ReturnType<typeof labelStep>) => step.parts.map((part) => part.after);

test("a class replaces the one before, and what a model was sure of", () => {
  const samples = [
    sample(1, null),
    sample(2, { label: "cat", confidence: 0.4 }),
    sample(3, { label: "dog" }),
  ];
  const step = labelStep(samples, choice("classification", "dog"));
  expect(after(step)).toEqual([{ label: "dog" }, { label: "dog" }]);
  expect(step.parts.map((part) => part.sample)).toEqual([1, 2]);
  expect(step.what).toBe("labelled “dog”: 2 samples");
});

test("a model's label said again by a person becomes certain", () => {
  const step = labelStep([sample(1, { label: "cat", confidence: 0.4 })], choice("classification", "cat"));
  expect(after(step)).toEqual([{ label: "cat" }]);
});

test("of several classes one is added where it is missing, and taken where all have it", () => {
  const some = [sample(1, [{ id: "a", label: "day" }]), sample(2, null)];
  const added = labelStep(some, choice("classifications", "day"));
  expect(added.parts.map((part) => part.sample)).toEqual([2]);
  expect(after(added)).toMatchObject([[{ label: "day" }]]);
  const taken = labelStep([sample(1, [{ id: "a", label: "day" }])], choice("classifications", "day"));
  expect(after(taken)).toEqual([null]);
});

test("tags are toggled likewise", () => {
  const current = (each: Sample) => each.tags;
  const step = labelStep([sample(1, null, ["old"])], {
    target: TAGS,
    type: undefined,
    label: "new",
    current,
  });
  expect(after(step)).toEqual([["old", "new"]]);
});
