import { expect, test } from "vitest";
import type { Model } from "@/api/types";
import { shownVersion } from "./shown-version";

const versions = [{ version: "1.1.0" }, { version: "1.0.0" }] as Model["versions"];

test("the chosen version is shown, and the newest when it was deleted", () => {
  expect(shownVersion(versions, "1.0.0")).toBe("1.0.0");
  expect(shownVersion(versions, "0.9.0")).toBe("1.1.0");
  expect(shownVersion(versions, null)).toBe("1.1.0");
  expect(shownVersion([], "1.0.0")).toBeNull();
});
