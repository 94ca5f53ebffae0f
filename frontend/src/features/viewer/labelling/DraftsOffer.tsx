import { Button, Group, Text } from "@mantine/core";
import { plural } from "@/lib/format";
import { useShared } from "./context";
import classes from "./labelling.module.css";

/** "2 unsaved changes from 14:03": what an earlier visit could not save. */
export function DraftsOffer() {
  const shared = useShared();
  if (!shared || shared.offered.length === 0) return null;
  const { offered, restore, discard } = shared;
  const since = new Date(Math.min(...offered.map(({ at }) => at)));
  const isToday = since.toDateString() === new Date().toDateString();
  const when = since.toLocaleString(
    undefined,
    isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" },
  );
  const names = [...new Set(offered.map(({ name }) => name))];
  return (
    <section className={classes.offer} aria-label="Unsaved changes">
      <Text size="sm" flex={1} miw="16rem">
        <b>
          {plural(offered.length, "unsaved change")} from {when}
        </b>{" "}
        on {names.slice(0, 3).join(", ")}
        {names.length > 3 ? ` and ${plural(names.length - 3, "more sample")}` : ""}
      </Text>
      <Group gap="xs">
        <Button size="compact-sm" onClick={restore}>
          Restore
        </Button>
        <Button size="compact-sm" variant="default" onClick={discard}>
          Discard
        </Button>
      </Group>
    </section>
  );
}
