/** Brings bytes to the server: pauses, goes on, waits out a lost connection, and tells how far and how fast it is. */

import { Rate } from "@/lib/rate";
import { ApiError } from "../errors";
import { forgetBegun, giveUp } from "./begun";
import { sendFile } from "./send-file";

export interface Transfer {
  /** `waiting`: the connection is lost, and is tried again; `working`: all is sent, the server is busy with it. */
  phase: "sending" | "waiting" | "paused" | "working";
  sent: number;
  total: number;
  /** Bytes in a second, null while nobody can say. */
  rate: number | null;
}

type Run<T> = (hearing: { onSent: (sent: number) => void; signal: AbortSignal }) => Promise<T>;

const TROUBLE = [0, 429, 500, 502, 503, 504];
/** Another request of the same upload is not over, or was quicker. */
const MEANWHILE = [409, 423];
/** The server has not begun: another request is at the upload, or it is busy. */
const UNTOUCHED = [423, 429, 503];
/** Waited for as long as it takes; a server that answers is not asked for ever. */
const NOBODY_THERE = [0, 502, 504];
const MOST_FAILURES = 10;
const LONGEST_PAUSE = 10_000; // milliseconds

export class Courier {
  transfer: Transfer;
  private readonly listeners = new Set<() => void>();
  private readonly rate = new Rate();
  private readonly end = new AbortController();
  private attempt: AbortController | null = null;
  private wake: () => void = () => undefined;
  private before = 0;
  private file: File | null = null;

  /** For so many bytes in all. */
  constructor(total: number) {
    this.transfer = { phase: "sending", sent: 0, total, rate: null };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get isCancelled(): boolean {
    return this.end.signal.aborted;
  }

  pause(): void {
    if (this.transfer.phase === "working") return;
    this.set({ phase: "paused", rate: null });
    this.rate.forget();
    this.attempt?.abort();
  }

  /** After a pause, or at once after a lost connection. */
  resume(): void {
    this.set({ phase: "sending" });
    this.wake();
  }

  /** Ends it for good; what came of a file is removed from the server. */
  cancel(): void {
    this.leave();
    if (this.file) giveUp(this.file);
  }

  /** Ends it here; the same file chosen again goes on. */
  leave(): void {
    this.end.abort();
    this.attempt?.abort();
    this.wake();
  }

  /** Sends a file in pieces; resolves with the id of its upload. */
  async send(file: File): Promise<string> {
    this.file = file;
    const id = await this.insist(file.size, (hearing) => sendFile(file, hearing), [...TROUBLE, ...MEANWHILE]);
    this.set({ phase: "working", rate: null });
    return id;
  }

  /** Runs what uses an upload, once more only where nothing came of it; a file that is wrong is not kept there. */
  async using<T>(file: File, run: () => Promise<T>): Promise<T> {
    const work = () => {
      this.set({ phase: "working", rate: null });
      return run();
    };
    try {
      const made = await this.insist(0, work, UNTOUCHED);
      this.finished(file);
      return made;
    } catch (error) {
      // Of a version's number or schema something else may be wrong: the file is used once that is right.
      if (isOfFile(error)) giveUp(file);
      throw error;
    }
  }

  /** After the server has made something of it. */
  private finished(file: File): void {
    forgetBegun(file);
    this.file = null;
    this.set({ phase: "sending" });
  }

  /** Runs until it succeeds, is refused, or is ended; it brings so many bytes, and may be run again. */
  async insist<T>(size: number, run: Run<T>, passing: number[] = TROUBLE): Promise<T> {
    let furthest = -1;
    for (let failures = 0; ; ) {
      await this.whilePaused();
      this.attempt = new AbortController();
      try {
        const onSent = (sent: number) => {
          if (sent > furthest) failures = 0;
          furthest = Math.max(furthest, sent);
          this.tell(this.before + sent);
        };
        const made = await run({ onSent, signal: this.attempt.signal });
        this.before += size;
        this.tell(this.before);
        return made;
      } catch (error) {
        if (this.end.signal.aborted) throw stopped();
        if (this.attempt.signal.aborted) continue; // paused
        if (!(error instanceof ApiError && passing.includes(error.status))) throw error;
        failures += 1;
        if (failures > MOST_FAILURES && !NOBODY_THERE.includes(error.status)) throw error;
        this.set({ phase: NOBODY_THERE.includes(error.status) ? "waiting" : "sending", rate: null });
        this.rate.forget();
        await this.sleep(Math.min(LONGEST_PAUSE, 500 * 2 ** failures));
      }
    }
  }

  private async whilePaused(): Promise<void> {
    while (this.transfer.phase === "paused" && !this.end.signal.aborted) await this.sleep(null);
    if (this.end.signal.aborted) throw stopped();
  }

  /** Until somebody wakes it, the network is back, or the time is up. */
  private sleep(milliseconds: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = milliseconds === null ? undefined : setTimeout(() => this.wake(), milliseconds);
      const online = () => this.wake();
      this.wake = () => {
        clearTimeout(timer);
        window.removeEventListener("online", online);
        resolve();
      };
      if (milliseconds !== null) window.addEventListener("online", online);
    });
  }

  private tell(sent: number): void {
    if (this.transfer.phase === "paused") return;
    this.rate.note(sent, performance.now());
    this.set({ phase: "sending", sent, rate: this.rate.perSecond });
  }

  private set(change: Partial<Transfer>): void {
    this.transfer = { ...this.transfer, ...change };
    for (const listener of this.listeners) listener();
  }
}

/** The bytes are at fault: as a whole, or at a place inside, whose name is no pointer into what was sent beside them. */
const isOfFile = (error: unknown): boolean =>
  error instanceof ApiError &&
  error.status === 400 &&
  (error.code === "no_image" ||
    error.details.some(({ pointer }) => pointer === "/upload" || (pointer && !pointer.startsWith("/"))));

const stopped = () => new DOMException("The upload was stopped.", "AbortError");
