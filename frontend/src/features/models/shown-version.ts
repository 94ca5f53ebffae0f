import type { Model } from "@/api/types";

/** The version whose details are shown: the one that was chosen while it is there, else the newest. */
export function shownVersion(versions: Model["versions"], chosen: string | null): string | null {
  const found = versions.find(({ version }) => version === chosen) ?? versions[0];
  return found?.version ?? null;
}
