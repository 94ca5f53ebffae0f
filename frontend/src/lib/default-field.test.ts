import { expect, test } from "vitest";
import { defaultField } from "./default-field";

test("an output's field is called as fields may be", () => {
  expect(defaultField("7-Zip Net", "out put")).toBe("zip_net_out_put");
  expect(defaultField("m", "x".repeat(100))).toHaveLength(63);
});
