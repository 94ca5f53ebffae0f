/** What names this window to the server: the same after a reload, another one in each window. */

import { randomKey } from "./idempotency";

const KEY = "samplecase.window";
let id: string | null = null;

/** Browsers may refuse to keep anything; a reloaded window is then a new one. */
function kept(act: (storage: Storage) => string | null): string | null {
  try {
    return act(sessionStorage);
  } catch {
    return null;
  }
}

function take(): string | null {
  return kept((storage) => {
    const found = storage.getItem(KEY);
    storage.removeItem(KEY);
    return found;
  });
}

function keep(own: string): void {
  kept((storage) => {
    storage.setItem(KEY, own);
    return own;
  });
}

export function windowId(): string {
  if (id === null) {
    const own = take() ?? randomKey();
    id = own;
    // Kept only while the page is away: a duplicate of a window that is open gets a copy of its storage.
    addEventListener("pagehide", () => keep(own));
    addEventListener("pageshow", () => void take());
  }
  return id;
}
