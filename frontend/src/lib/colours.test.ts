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

  test("are different for the classes of one field, and stay when classes are added", () => {
    expect(colourOf("car")).toBe(colourOf("bus"));
    const field = { colors: {}, classes: ["road", "car", "bus"] };
    const shown = field.classes.map((name) => labelColour(name, field));
    expect(new Set(shown).size).toBe(3);
    expect(labelColour("car", field)).toBe(colourOf("car"));
    const more = { colors: {}, classes: [...field.classes, "truck", "lorry"] };
    expect(field.classes.map((name) => labelColour(name, more))).toEqual(shown);
    expect(labelColour("bus", { colors: { car: colourOf("truck") }, classes: ["car", "bus"] })).toBe(
      colourOf("bus"),
    );
  });

  test("are enough for many classes, and each of them can be read", () => {
    const classes = Array.from({ length: 150 }, (_, index) => `class ${index}`);
    const shown = classes.map((name) => labelColour(name, { colors: {}, classes }));
    expect(new Set(shown).size).toBe(150);
    for (const colour of shown) expect(contrast(colour, "#ffffff")).toBeGreaterThanOrEqual(4);
  });

  test("follow what a field says, with ink that reads on it", () => {
    expect(labelColour("cat", { colors: { cat: "#ffee00" } })).toBe("#ffee00");
    expect(inkOn("#ffee00")).toBe("#11141a");
    expect(inkOn("#102030")).toBe("#fff");
  });
});
