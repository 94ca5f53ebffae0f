/** Whether the server answers: every request tells, the page's banner listens. */

import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let answering = true;

/** What a proxy says when there is nobody behind it. */
const NOBODY_BEHIND = [502, 504];

/** Notes how a request went: its status, or 0 when nothing came back. */
export function noteAnswer(status: number): void {
  const now = status !== 0 && !NOBODY_BEHIND.includes(status);
  if (now === answering) return;
  answering = now;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const isAnswering = (): boolean => answering;

export const useServerAnswers = (): boolean => useSyncExternalStore(subscribe, isAnswering);
