import { describe, expect, test } from "vitest";
import { colourOf, contrast, inkOn, labelColour, PALETTE } from "./colours";

describe("the colours of labels", () => {
  test("are the same for the same name and known values do not drift between releases", () => {
    expect(colourOf("cat")).toBe(colourOf("cat"));
    expect(colourOf("3")).toBe("#8a5893");
  });

  test("differ for the ten digits", () => {
    expect(new Set([..."0123456789"].map(colourOf)).size).toBe(10);
  });

  test.each(PALETTE)("%s carries white text and stands off the dark surface", (colour) => {
    expect(contrast(colour, "#ffffff")).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour, "#161a21")).toBeGreaterThanOrEqual(3);
  });

  test("follow what a field says, with ink that reads on it", () => {
    expect(labelColour("cat", { cat: "#ffee00" })).toBe("#ffee00");
    expect(inkOn("#ffee00")).toBe("#11141a");
    expect(inkOn("#102030")).toBe("#fff");
  });
});
