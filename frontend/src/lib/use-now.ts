/** The time of the day for texts that grow old: "just now" must not stay just now. */

import { useEffect, useState } from "react";

const TICK_MS = 20_000;

/** Milliseconds since the epoch, renewed every twenty seconds. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const clock = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(clock);
  }, []);
  return now;
}
