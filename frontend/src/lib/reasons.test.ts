import { expect, test } from "vitest";
import { reasonInWords } from "./reasons";

test("reasons are told as people say them, also those of a newer server", () => {
  expect(reasonInWords("invalid_output")).toBe("The output does not fit the schema");
  expect(reasonInWords("moon_in_the_way")).toBe("Moon in the way");
  expect(reasonInWords("")).toBe("It failed");
});
