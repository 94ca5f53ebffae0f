import { Button } from "@mantine/core";
import { keepsakeOf } from "@/api/exchange/links";
import type { Job } from "@/api/types";

/** An import's report, an export's zip. */
export function KeepsakeLink({ job }: { job: Job }) {
  const keepsake = keepsakeOf(job);
  if (!keepsake) return null;
  return (
    <Button component="a" href={keepsake.href} download size="compact-xs" variant="subtle">
      {keepsake.label}
    </Button>
  );
}
