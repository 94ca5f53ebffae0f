import { describe, expect, test } from "vitest";
import { jobLine, reportLine, undoneLine } from "./report";
import { choicesOf, samplesOf } from "./scope";

const filter = { field: "truth", op: "exists", value: true } as const;

describe("which samples an action is for", () => {
  test("those selected, where some are; else those of the filter; else all", () => {
    const present = { filter, filtered: 40, total: 100 };
    const told = (selected: number[], more = {}) =>
      choicesOf({ ...present, selected: new Set(selected), ...more }).map(({ label }) => label);
    expect(told([1, 2])).toEqual(["2 selected", "All 40 matches of the filter"]);
    expect(told([])).toEqual(["All 40 matches of the filter"]);
    expect(told([], { filter: undefined })).toEqual(["All 100 samples"]);
    expect(told([], { filtered: null })).toEqual(["All matches of the filter"]);
  });

  test("named by their ids or by a filter", () => {
    const selected = new Set([3, 5]);
    expect(samplesOf("selected", { selected, filter })).toEqual({ samples: [3, 5] });
    expect(samplesOf("filter", { selected, filter })).toEqual({ filter });
    expect(samplesOf("all", { selected, filter })).toEqual({
      filter: { field: "id", op: "exists", value: true },
    });
  });
});

describe("what an action did", () => {
  test("of a job no way back is promised that is none", () => {
    expect(jobLine("tag")).toMatch("can undo it");
    expect(jobLine("delete")).not.toMatch("undo");
  });

  test("says how many changed and why others did not", () => {
    const report = {
      changed: 12,
      skipped: [
        { reason: "unchanged" as const, count: 2 },
        { reason: "gone" as const, count: 1 },
      ],
      undo: null,
      job: null,
    };
    expect(reportLine(report, "tagged “x”")).toBe(
      "12 samples tagged “x”. 3 skipped: 2 as wished already, 1 no longer there.",
    );
    expect(reportLine({ changed: 1, skipped: [], undo: null, job: null }, "deleted")).toBe(
      "1 sample deleted.",
    );
  });

  test("and what its undo did", () => {
    expect(undoneLine({ restored: 12, kept: 0 })).toBe("12 samples as before.");
    expect(undoneLine({ restored: 1, kept: 2 })).toBe("1 sample as before. 2 samples changed since stayed.");
  });
});
