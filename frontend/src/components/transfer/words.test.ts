import { expect, test } from "vitest";
import { words } from "./TransferProgress";

const transfer = { phase: "sending", sent: 1e9, total: 4e9, rate: 50e6 } as const;

test("a transfer says how far it is, how fast and how long it will take", () => {
  expect(words(transfer, "")).toBe("25 % · 1.0 GB of 4.0 GB · 50 MB/s · 1 min left");
  expect(words({ ...transfer, rate: null }, "")).toBe("25 % · 1.0 GB of 4.0 GB");
});

test("a pause, a lost connection and the server's work are told apart", () => {
  expect(words({ ...transfer, phase: "paused" }, "")).toContain("paused");
  expect(words({ ...transfer, phase: "waiting" }, "")).toContain("connection is lost");
  expect(words({ ...transfer, phase: "working" }, "Checking the package")).toBe("Checking the package");
});
