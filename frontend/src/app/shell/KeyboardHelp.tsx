import { Alert, Button, Group, Modal, Stack, Table, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { chooseKeys, resetKeys, useChosenKeys } from "@/lib/chosen-keys";
import { chordOf, conflictOf, keysOf, SHORTCUTS, type Shortcut, shownKeys } from "@/lib/shortcuts";
import { KeyRow } from "./KeyRow";
import classes from "./Shell.module.css";

/** A key that was pressed for a shortcut, and what it means already. */
interface Wanted {
  shortcut: Shortcut;
  chord: string;
  other: NonNullable<ReturnType<typeof conflictOf>>;
}

/** All keys of the page; any of them can be changed here, with a warning where it means something already. */
export function KeyboardHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const chosen = useChosenKeys();
  const [changing, setChanging] = useState<Shortcut | null>(null);
  const [wanted, setWanted] = useState<Wanted | null>(null);

  function take(shortcut: Shortcut, chord: string) {
    setChanging(null);
    const other = conflictOf(shortcut.id, chord, chosen);
    setWanted(other && { shortcut, chord, other });
    if (!other) chooseKeys(shortcut.id, [chord]);
  }
  useNextChord(changing, take, () => setChanging(null));

  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keyboard shortcuts"
      size="xl"
      zIndex={300}
      closeOnEscape={changing === null}
    >
      <Group justify="space-between" mb="md" wrap="nowrap">
        <Text size="sm" c="dimmed">
          Press a key's button to choose another one. They are kept in this browser.
        </Text>
        {Object.keys(chosen).length > 0 ? (
          <Button size="compact-sm" variant="default" onClick={resetKeys}>
            Reset all keys
          </Button>
        ) : null}
      </Group>
      {wanted ? <Conflict wanted={wanted} onDone={() => setWanted(null)} /> : null}
      <div className={classes.help}>
        {SHORTCUTS.map(({ place, keys }) => (
          <Stack key={place} component="section" gap={4} mb="lg">
            <Title order={3} size="h4">
              {place}
            </Title>
            <Table withRowBorders={false} verticalSpacing={4} horizontalSpacing={0}>
              <Table.Tbody>
                {keys.map((shortcut) => (
                  <KeyRow
                    key={shortcut.id}
                    shortcut={shortcut}
                    keys={keysOf(shortcut, chosen)}
                    listens={changing?.id === shortcut.id}
                    onChange={() => setChanging(shortcut)}
                  />
                ))}
              </Table.Tbody>
            </Table>
          </Stack>
        ))}
      </div>
    </Modal>
  );
}

/** The next press is for the shortcut that is being changed; Esc leaves it as it is. */
function useNextChord(
  shortcut: Shortcut | null,
  take: (shortcut: Shortcut, chord: string) => void,
  leave: () => void,
) {
  useEffect(() => {
    if (!shortcut) return;
    const onKey = (event: KeyboardEvent) => {
      if (["Control", "Shift", "Alt", "Meta", "Tab"].includes(event.key)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.key === "Escape") leave();
      else take(shortcut, chordOf(event));
    };
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  });
}

function Conflict({ wanted, onDone }: { wanted: Wanted; onDone: () => void }) {
  const { shortcut, chord, other } = wanted;
  const chosen = useChosenKeys();
  const shown = shownKeys(chord).join(" + ");
  function takeOver() {
    chooseKeys(
      other.id,
      keysOf(other, chosen).filter((each) => each !== chord),
    );
    chooseKeys(shortcut.id, [chord]);
    onDone();
  }
  return (
    <Alert color="yellow" variant="light" icon={<IconAlertTriangle size={18} />} mb="md" role="alert">
      <Text size="sm">
        {shown} already means “{other.does}” ({other.place}), which is heard at the same time.
      </Text>
      <Group gap="xs" mt="xs">
        {other.fixed ? null : (
          <Button size="compact-sm" variant="default" onClick={takeOver}>
            Use it for “{shortcut.does}” instead
          </Button>
        )}
        <Button size="compact-sm" variant="default" onClick={onDone}>
          Leave it
        </Button>
      </Group>
    </Alert>
  );
}
