import { Button, Text, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCloudOff, IconGitCompare, IconLoader2 } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { Saving } from "@/annotation/saving-ports";
import { plural } from "@/lib/format";
import { useSaving, useShared } from "./context";
import classes from "./labelling.module.css";
import { UnsavedDialog } from "./UnsavedDialog";

const LOOK: Record<Saving["state"], { icon: typeof IconCheck; text: string; tip: string }> = {
  saved: { icon: IconCheck, text: "Saved", tip: "Every change is stored." },
  saving: { icon: IconLoader2, text: "Saving…", tip: "The last change is on its way." },
  offline: {
    icon: IconCloudOff,
    text: "Offline: kept here",
    tip: "The server does not answer. Changes are kept in this browser and sent as soon as it does.",
  },
  conflict: { icon: IconGitCompare, text: "Conflict", tip: "Somebody else changed this too. Both are kept." },
  refused: { icon: IconAlertTriangle, text: "Not accepted", tip: "The server refused a change." },
};

/** What became of the last changes; a conflict or a refusal opens by itself, and again by its button. */
export function SaveState() {
  const shared = useShared();
  const { state, unsaved } = useSaving();
  const [opened, setOpened] = useState(false);
  const needsSomeone = state === "conflict" || state === "refused";
  useEffect(() => setOpened(needsSomeone), [needsSomeone]);
  if (!shared) return null;
  const { icon: Icon, text, tip } = LOOK[state];
  const shown = (
    <>
      <Icon
        size={15}
        stroke={1.8}
        aria-hidden="true"
        className={state === "saving" ? classes.turning : undefined}
      />
      {text}
    </>
  );
  return (
    <>
      <Tooltip label={unsaved.length > 0 ? `${tip} (${plural(unsaved.length, "change")})` : tip}>
        {needsSomeone ? (
          <Button size="compact-sm" variant="light" color="yellow" onClick={() => setOpened(true)}>
            <span className={classes.state}>{shown}</span>
          </Button>
        ) : (
          <Text
            span
            size="sm"
            c={state === "offline" ? "var(--mantine-color-yellow-light-color)" : "dimmed"}
            className={classes.state}
            role="status"
            data-testid="save-state"
          >
            {shown}
          </Text>
        )}
      </Tooltip>
      <UnsavedDialog opened={opened && needsSomeone} onClose={() => setOpened(false)} />
    </>
  );
}
