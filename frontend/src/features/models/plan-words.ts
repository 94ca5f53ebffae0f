/** What a plan does, in words. */

import type { Plan, Tried } from "@/api/types";
import { plural } from "@/lib/format";

const GRAPHS: Record<Plan["graph"], string> = {
  plain: "as it comes",
  folded: "batch norms folded",
  frozen: "folded and frozen for this processor",
  compiled: "compiled",
};

const DECODES: Record<Plan["decode"], string> = {
  plain: "decoded and resized the plain way",
  box: "cut and resized in one step",
  torch: "decoded by torchvision, resized by torch",
  draft: "JPEGs decoded at a smaller scale",
};

type Layout = Pick<Plan, "mini_batch" | "num_replicas" | "threads">;

export function layoutWords({ mini_batch, num_replicas, threads }: Layout): string {
  const replicas = `${plural(num_replicas, "replica")} of ${plural(threads, "thread")}`;
  return `mini-batches of ${mini_batch}, ${replicas}`;
}

/** The plan as pairs of what is set and to what. */
export function planFacts(plan: Plan): [string, string][] {
  return [
    ["Network", GRAPHS[plan.graph]],
    ["Precision", plan.precision === "bf16" ? "bfloat16" : "single (fp32)"],
    ["Memory format", plan.channels_last ? "channels last" : "channels first"],
    ["Images", DECODES[plan.decode]],
    ["Layout", layoutWords(plan)],
  ];
}

export const OUTCOMES: Record<Tried["outcome"], { word: string; color: string }> = {
  kept: { word: "kept", color: "teal" },
  slower: { word: "not faster", color: "gray" },
  rejected: { word: "disagrees", color: "red" },
  failed: { word: "failed", color: "orange" },
  unsuited: { word: "not for it", color: "gray" },
  left_out: { word: "no time left", color: "gray" },
};

/** How a speed compares with the plain one: "1.80 ×". */
export function times(speed: number, plain: number | null): string {
  return plain ? `${(speed / plain).toFixed(2)} ×` : "";
}
