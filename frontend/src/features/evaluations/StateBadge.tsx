import { Badge, Loader } from "@mantine/core";
import { isCounting } from "@/api/evaluations/list-evaluations";
import type { Evaluation } from "@/api/types";
import { count } from "@/lib/format";

const WORDS: Record<string, { text: string; colour: string }> = {
  queued: { text: "Queued", colour: "gray" },
  running: { text: "Counting", colour: "blue" },
  paused: { text: "Paused", colour: "yellow" },
  cancelled: { text: "Cancelled", colour: "gray" },
  failed: { text: "Failed", colour: "red" },
  finished: { text: "Finished", colour: "teal" },
};

/** Where an evaluation stands: counting with its progress, stale, or its state. */
export function StateBadge({ evaluation }: { evaluation: Evaluation }) {
  const { state, stale, done, total } = evaluation;
  const isOld = state === "finished" && stale;
  const { text, colour } = isOld
    ? { text: "Stale", colour: "yellow" }
    : (WORDS[state] ?? { text: state, colour: "gray" });
  const progress = state === "running" && total > 0 ? ` ${count(done)} / ${count(total)}` : "";
  return (
    <Badge
      component="span"
      color={colour}
      variant="light"
      tt="none"
      fw={550}
      miw="max-content"
      className="tabular"
      leftSection={isCounting(evaluation) ? <Loader size={10} color={colour} aria-hidden /> : null}
    >
      {text}
      {progress}
    </Badge>
  );
}
