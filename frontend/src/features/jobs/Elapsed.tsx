import { useInterval } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { isMoving } from "@/api/jobs/list-jobs";
import type { Job } from "@/api/types";
import { duration } from "@/lib/format";
import { elapsed } from "./job-words";

/** How long the job has been at work, counting while it is. */
export function Elapsed({ job }: { job: Job }) {
  const [now, setNow] = useState(Date.now);
  const clock = useInterval(() => setNow(Date.now()), 1000);
  const running = isMoving(job) && job.started_at !== null;
  useEffect(() => {
    if (running) clock.start();
    return clock.stop;
  }, [running, clock.start, clock.stop]);
  const seconds = elapsed(job, now);
  return seconds === null ? null : (
    <span className="tabular">
      {" "}
      · {running ? "for" : "took"} {duration(seconds)}
    </span>
  );
}
