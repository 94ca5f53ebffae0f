import { describe, expect, test } from "vitest";
import {
  comparisonOf,
  daysOf,
  presenceOf,
  rangeOf,
  withComparison,
  withDays,
  withPresence,
  withRange,
} from "./conditions";
import { type Filter, mentions, parseFilter, picked, toggled, without, withoutTerm } from "./filter";
import { words } from "./filter-words";
import { parseViewSearch } from "./view-search";

describe("picking labels", () => {
  test("the first is an eq, a second makes it an in, and taking all back leaves no filter", () => {
    const one = toggled(undefined, "truth.label", "3");
    expect(one).toEqual({ field: "truth.label", op: "eq", value: "3" });
    const two = toggled(one, "truth.label", "5");
    expect(two).toEqual({ field: "truth.label", op: "in", value: ["3", "5"] });
    expect(picked(two, "truth.label")).toEqual(["3", "5"]);
    expect(toggled(toggled(two, "truth.label", "3"), "truth.label", "5")).toBeUndefined();
  });

  test("conditions on several fields are joined by and", () => {
    const both = toggled(toggled(undefined, "a.label", "x"), "b.label", "y");
    expect(both).toEqual({
      and: [
        { field: "a.label", op: "eq", value: "x" },
        { field: "b.label", op: "eq", value: "y" },
      ],
    });
    expect(mentions(both, "b")).toBe(true);
    expect(without(both, "b")).toEqual({ field: "a.label", op: "eq", value: "x" });
  });

  test("a boolean is picked like a label", () => {
    expect(picked(toggled(undefined, "ok", false), "ok")).toEqual([false]);
  });
});

describe("ranges", () => {
  test("keep only the bounds that were moved", () => {
    const filter = withRange(undefined, "p.confidence", { max: 0.6 });
    expect(filter).toEqual({ field: "p.confidence", op: "le", value: 0.6 });
    expect(rangeOf(filter, "p.confidence")).toEqual({ max: 0.6 });
    expect(withRange(filter, "p.confidence", {})).toBeUndefined();
  });

  test("stand beside the picked labels of the same field", () => {
    const filter = withRange(toggled(undefined, "p.label", "3"), "p.confidence", { min: 0.2, max: 0.6 });
    expect(rangeOf(filter, "p.confidence")).toEqual({ min: 0.2, max: 0.6 });
    expect(picked(filter, "p.label")).toEqual(["3"]);
  });
});

describe("several conditions on the labels of a field", () => {
  const car = toggled(undefined, "boxes.label", "car");
  const surely = withRange(car, "boxes.confidence", { min: 0.8 });

  test("have to hold for one and the same label", () => {
    expect(surely).toEqual({
      match: "boxes",
      where: [
        { field: "label", op: "eq", value: "car" },
        { field: "confidence", op: "ge", value: 0.8 },
      ],
    });
    expect(withRange(undefined, "boxes.confidence", { min: 0.2, max: 0.6 })).toHaveProperty("match", "boxes");
  });

  test("are read and taken back like any others", () => {
    expect(picked(surely, "boxes.label")).toEqual(["car"]);
    expect(rangeOf(surely, "boxes.confidence")).toEqual({ min: 0.8 });
    expect(mentions(surely, "boxes")).toBe(true);
    expect(withRange(surely, "boxes.confidence", {})).toEqual(car);
    expect(without(surely, "boxes")).toBeUndefined();
  });

  test("leave two matches that someone wrote as they are", () => {
    const one: Filter = { match: "boxes", where: [{ field: "label", op: "eq", value: "car" }] };
    const two: Filter = { match: "boxes", where: [{ field: "label", op: "eq", value: "dog" }] };
    expect(withPresence({ and: [one, two] }, "truth", true)).toEqual({
      and: [one, two, { field: "truth", op: "exists", value: true }],
    });
  });
});

describe("other conditions", () => {
  test("days are whole: from the first moment of one to the last of the other", () => {
    const filter = withDays(undefined, "created", { from: "2026-01-02", to: "2026-01-03" });
    expect(filter).toEqual({
      and: [
        { field: "created", op: "ge", value: "2026-01-02T00:00:00Z" },
        { field: "created", op: "le", value: "2026-01-03T23:59:59.999999Z" },
      ],
    });
    expect(daysOf(filter, "created")).toEqual({ from: "2026-01-02", to: "2026-01-03" });
    expect(withDays(filter, "created", {})).toBeUndefined();
  });

  test("a field may be asked to hold a value or none", () => {
    const missing = withPresence(undefined, "truth", false);
    expect(presenceOf(missing, "truth")).toBe(false);
    expect(withPresence(missing, "truth")).toBeUndefined();
  });

  test("one comparison takes the place of another", () => {
    const first = withComparison(undefined, { compare: ["a", "b"], is: "agree" });
    const second = withComparison(first, { compare: ["a", "b"], is: "disagree" });
    expect(comparisonOf(second)?.is).toBe("disagree");
    expect(withComparison(second)).toBeUndefined();
  });

  test("each is told in words and can be taken out by itself", () => {
    const filter = withPresence(toggled(undefined, "truth.label", "3"), "cnn", false);
    const terms = filter && "and" in filter ? filter.and : [];
    expect(terms.map(words)).toEqual(["truth.label is 3", "cnn is missing"]);
    expect(terms[0] && withoutTerm(filter, terms[0])).toEqual({ field: "cnn", op: "exists", value: false });
    expect(words({ evaluation: 4, actual: "cat", predicted: null })).toBe(
      "evaluation 4, actual cat, predicted nothing",
    );
    expect(words({ evaluation: 4, is: "fn" })).toBe("evaluation 4, not found");
    expect(words({ evaluation: 4, actual: "cat", predicted: "dog" })).toBe(
      "evaluation 4, actual cat, predicted dog",
    );
    expect(words({ not: { or: [{ field: "a", op: "lt", value: 0.5 }] } })).toBe("not (a < 0.5)");
  });
});

describe("the URL", () => {
  test("a filter survives the way through the address", () => {
    const filter: Filter = { and: [{ field: "a.label", op: "in", value: ["x", "y"] }] };
    expect(parseFilter(JSON.parse(JSON.stringify(filter)))).toEqual(filter);
    expect(parseFilter(JSON.stringify(filter))).toEqual(filter);
  });

  test("what an expert wrote is kept as one term beside the panel's own", () => {
    const filter: Filter = { or: [{ field: "a", op: "exists", value: true }] };
    expect(toggled(filter, "b.label", "x")).toEqual({
      and: [filter, { field: "b.label", op: "eq", value: "x" }],
    });
  });

  test("nonsense is dropped instead of breaking the page", () => {
    expect(parseFilter("{")).toBeUndefined();
    expect(parseFilter([1])).toBeUndefined();
    expect(parseViewSearch({ zoom: 99, panel: "x", sample: "a", sort: 3, filter: "no" })).toEqual({});
    expect(parseViewSearch({ zoom: 7, panel: "execution", sample: 12, sort: "-p.confidence" })).toEqual({
      zoom: 7,
      panel: "execution",
      sample: 12,
      sort: "-p.confidence",
    });
  });
});
