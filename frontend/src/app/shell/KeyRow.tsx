import { Kbd, Table, Text, UnstyledButton } from "@mantine/core";
import { Fragment } from "react";
import { type Shortcut, shownKeys } from "@/lib/shortcuts";
import classes from "./Shell.module.css";

interface Props {
  shortcut: Shortcut;
  keys: readonly string[];
  /** Whether the next key that is pressed will be its key. */
  listens: boolean;
  onChange: () => void;
}

/** What a shortcut does and its keys, which are a button where they may be changed. */
export function KeyRow({ shortcut, keys, listens, onChange }: Props) {
  return (
    <Table.Tr>
      <Table.Td>{shortcut.does}</Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: "nowrap" }}>
        {shortcut.fixed ? (
          <Keys keys={keys} />
        ) : (
          <UnstyledButton
            className={classes.keys}
            onClick={onChange}
            title={`Change the key of “${shortcut.does}”`}
          >
            {listens ? (
              <Text span size="xs" fw={600}>
                Press a key…
              </Text>
            ) : (
              <Keys keys={keys} />
            )}
          </UnstyledButton>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Keys({ keys }: { keys: readonly string[] }) {
  if (keys.length === 0) return <>none</>;
  return keys.map((chord, index) => (
    <Fragment key={chord}>
      {index > 0 ? (
        <Text span c="dimmed" size="xs">
          {" "}
          or{" "}
        </Text>
      ) : null}
      {shownKeys(chord).map((part) => (
        <Kbd key={part} ml={3}>
          {part}
        </Kbd>
      ))}
    </Fragment>
  ));
}
