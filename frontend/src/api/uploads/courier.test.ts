import { expect, test } from "vitest";
import { ApiError } from "../errors";
import { Courier } from "./courier";

const lost = () => new ApiError(0, "error", "No answer.");

/** Resolves when the courier is in this phase. */
function reaches(courier: Courier, phase: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => courier.transfer.phase === phase && resolve();
    courier.subscribe(look);
    look();
  });
}

/** A run that ends only when it is stopped. */
const endless = ({ signal }: { signal: AbortSignal }) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new DOMException("Stopped.", "AbortError")));
  });

test("a lost connection is told, and tried again from where the server is", async () => {
  const courier = new Courier(100);
  let tries = 0;
  const bringing = courier.insist(100, async ({ onSent }) => {
    tries += 1;
    onSent(tries * 30);
    if (tries === 1) throw lost();
    return "there";
  });
  await reaches(courier, "waiting");
  expect(courier.transfer.sent).toBe(30);
  courier.resume();
  expect(await bringing).toBe("there");
  expect(courier.transfer).toMatchObject({ phase: "sending", sent: 100 });
});

test("a refusal is none to try again", async () => {
  const courier = new Courier(10);
  const refusal = new ApiError(413, "too_large", "Too large.");
  await expect(courier.insist(10, () => Promise.reject(refusal))).rejects.toBe(refusal);
});

test("a pause stops the request, and the same goes on after it", async () => {
  const courier = new Courier(10);
  let tries = 0;
  const bringing = courier.insist(10, (hearing) => {
    tries += 1;
    return tries === 1 ? endless(hearing) : Promise.resolve("there");
  });
  await Promise.resolve();
  courier.pause();
  expect(courier.transfer.phase).toBe("paused");
  courier.resume();
  expect(await bringing).toBe("there");
  expect(tries).toBe(2);
});

test("what is ended ends, also while it is paused or waits", async () => {
  for (const before of ["sending", "paused", "waiting"]) {
    const courier = new Courier(10);
    const bringing = courier.insist(10, before === "waiting" ? () => Promise.reject(lost()) : endless);
    await Promise.resolve();
    if (before === "paused") courier.pause();
    await reaches(courier, before);
    courier.leave();
    await expect(bringing).rejects.toThrow("stopped");
  }
});

test("several things are counted one after the other", async () => {
  const courier = new Courier(30);
  await courier.insist(10, () => Promise.resolve());
  await courier.insist(20, ({ onSent }) => {
    onSent(5);
    expect(courier.transfer.sent).toBe(15);
    return Promise.resolve();
  });
  expect(courier.transfer.sent).toBe(30);
});

test("the use of an upload is asked for again only where the server had not begun it", async () => {
  const courier = new Courier(10);
  const file = new File(["x"], "a.zip");
  const phases: string[] = [];
  let tries = 0;
  const busy = new ApiError(423, "locked", "Wait.");
  const using = courier.using(file, () => {
    phases.push(courier.transfer.phase);
    tries += 1;
    return tries === 1 ? Promise.reject(busy) : Promise.resolve("made");
  });
  await reaches(courier, "sending");
  expect(await using).toBe("made");
  expect(phases).toEqual(["working", "working"]);
  for (const error of [lost(), new ApiError(504, "error", "Too late.")])
    await expect(courier.using(file, () => Promise.reject(error))).rejects.toBe(error);
});
