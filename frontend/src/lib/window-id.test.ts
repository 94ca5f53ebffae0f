import { beforeEach, expect, test, vi } from "vitest";

const opened = async () => {
  vi.resetModules();
  return (await import("./window-id")).windowId;
};

beforeEach(() => sessionStorage.clear());

test("a window keeps its name over a reload, and a duplicate of it gets another one", async () => {
  const name = await opened();
  const own = name();
  expect(own).toMatch(/^[0-9a-f]{32}$/);
  expect(name()).toBe(own);
  const duplicate = (await opened())();
  expect(duplicate).not.toBe(own);
  sessionStorage.clear();
  dispatchEvent(new Event("pagehide"));
  const reloaded = (await opened())();
  expect([own, duplicate]).toContain(reloaded);
});
