import { ActionIcon, ColorInput, Group, Kbd, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowUp, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { labelColour, PALETTE } from "@/lib/colours";
import classes from "./labelling.module.css";

interface Props {
  classes: string[];
  /** Those that keep their places. */
  fixed: readonly string[];
  colors: Record<string, string>;
  onClasses: (classes: string[]) => void;
  onColors: (colors: Record<string, string>) => void;
}

const DIGITS = 9;

/** The classes of a field in the order of their digits, each with its colour. */
export function ClassesInput({ classes: names, fixed, colors, onClasses, onColors }: Props) {
  const [typed, setTyped] = useState("");
  function add() {
    const added = typed
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name && !names.includes(name));
    if (added.length > 0) onClasses([...names, ...new Set(added)]);
    setTyped("");
  }
  function raise(index: number) {
    const next = [...names];
    next.splice(index - 1, 0, ...next.splice(index, 1));
    onClasses(next);
  }
  return (
    <Stack gap="xs">
      <TextInput
        label="Classes"
        description="Press Enter after each, or divide them by commas; the first nine have a digit"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          add();
        }}
        onBlur={add}
        autoComplete="off"
      />
      {names.map((name, index) => (
        <div key={name} className={classes.class}>
          <Kbd style={{ visibility: index < DIGITS ? "visible" : "hidden" }}>{index + 1}</Kbd>
          <Text truncate title={name}>
            {name}
          </Text>
          <Group gap={4} wrap="nowrap">
            <ColorInput
              size="xs"
              w={130}
              aria-label={`Colour of ${name}`}
              value={labelColour(name, { colors, classes: names })}
              onChange={(colour) => /^#[0-9a-f]{6}$/i.test(colour) && onColors({ ...colors, [name]: colour })}
              format="hex"
              swatches={[...PALETTE]}
              eyeDropperButtonProps={{ "aria-label": `Pick the colour of ${name} from the screen` }}
              popoverProps={{ zIndex: 260 }}
            />
            <ActionIcon
              aria-label={`Move ${name} up`}
              disabled={index <= fixed.length}
              onClick={() => raise(index)}
            >
              <IconArrowUp size={16} stroke={1.7} />
            </ActionIcon>
            <ActionIcon
              aria-label={`Remove ${name}`}
              disabled={fixed.includes(name)}
              onClick={() => onClasses(names.filter((each) => each !== name))}
            >
              <IconTrash size={16} stroke={1.7} />
            </ActionIcon>
          </Group>
        </div>
      ))}
    </Stack>
  );
}
