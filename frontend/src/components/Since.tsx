import { useInterval } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { duration } from "@/lib/format";

/** How long ago a moment was, counting on: "12 s". */
export function Since({ iso }: { iso: string }) {
  const [now, setNow] = useState(Date.now);
  const clock = useInterval(() => setNow(Date.now()), 1000);
  useEffect(() => {
    clock.start();
    return clock.stop;
  }, [clock.start, clock.stop]);
  return <span className="tabular">{duration((now - Date.parse(iso)) / 1000)}</span>;
}
