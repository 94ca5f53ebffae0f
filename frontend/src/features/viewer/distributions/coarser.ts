import type { Bin } from "@/api/types";

/** The same samples in at most so many bins, each of as many neighbours as it takes. */
export function coarser(bins: Bin[], most: number): Bin[] {
  const together = Math.ceil(bins.length / most);
  const wide: Bin[] = [];
  for (let at = 0; at < bins.length; at += together) {
    const group = bins.slice(at, at + together);
    const count = group.reduce((sum, bin) => sum + bin.count, 0);
    wide.push({ from: group[0]?.from ?? 0, to: group.at(-1)?.to ?? 0, count });
  }
  return wide;
}
