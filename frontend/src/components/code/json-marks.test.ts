import { expect, test } from "vitest";
import { lineOf, placeFaults, readJson } from "./json-marks";

const TEXT = `{
  "inputs": {"type": "object", "properties": {"image": {"type": "locl"}}},
  "a/b": [1, {"c": 2}]
}`;

test("a text that is no JSON is marked where it breaks", () => {
  const { marks } = readJson('{"a": 1,\n "b" 2}');
  expect(marks[0]?.message).toBe("A colon belongs here.");
  expect(lineOf('{"a": 1,\n "b" 2}', marks[0]?.from ?? 0)).toBe(2);
});

test("comments and trailing commas are no JSON", () => {
  expect(readJson('{"a": 1,}').marks).toHaveLength(1);
  expect(readJson('{"a": 1} // no').marks).not.toHaveLength(0);
});

test("a valid text has a value and no marks", () => {
  expect(readJson("[1, null]")).toEqual({ value: [1, null], marks: [] });
});

test("a fault stands at the property that its pointer names", () => {
  const [mark] = placeFaults(TEXT, [{ pointer: "/inputs/properties/image/type", message: "no such type" }]);
  expect(TEXT.slice(mark?.from, mark?.to)).toBe('"type"');
  expect(mark?.message).toBe("no such type");
});

test("escaped pointers and places in lists are found", () => {
  const [mark] = placeFaults(TEXT, [{ pointer: "/a~1b/1/c", message: "" }]);
  expect(TEXT.slice(mark?.from, mark?.to)).toBe('"c"');
});

test("a pointer to what is missing is shown at the nearest place above it", () => {
  const [mark] = placeFaults(TEXT, [{ pointer: "/inputs/properties/label", message: "" }]);
  expect(TEXT.slice(mark?.from, mark?.to)).toBe('"properties"');
});

test("a fault of the whole is shown at its first character", () => {
  expect(placeFaults(TEXT, [{ pointer: "", message: "" }])[0]).toMatchObject({ from: 0, to: 1 });
});
