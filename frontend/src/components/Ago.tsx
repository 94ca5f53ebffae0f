import { ago, dateTime } from "@/lib/format";
import { useNow } from "@/lib/use-now";

/** A moment told from now, which keeps up with the clock; its exact time on hover. */
export function Ago({ iso }: { iso: string }) {
  const now = useNow();
  return (
    <time dateTime={iso} title={dateTime(iso)}>
      {ago(iso, now)}
    </time>
  );
}
