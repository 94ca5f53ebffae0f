import { Button, Divider, Group, TextInput } from "@mantine/core";
import { useState } from "react";

interface Props {
  /** The names that a path begins with. */
  roots: readonly string[];
  onLook: (path: string) => void;
}

/** For staff: a folder or prefix that the server reads where it lies. */
export function ServerPath({ roots, onLook }: Props) {
  const [path, setPath] = useState("");
  const trimmed = path.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (trimmed) onLook(trimmed);
      }}
    >
      <Divider label="or" mb="xs" />
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <TextInput
          label="From the server"
          description={`A path that begins with ${roots.join(" or ")}.`}
          placeholder={`${roots[0]}/…`}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
          flex={1}
          spellCheck={false}
          autoComplete="off"
        />
        <Button type="submit" variant="default" disabled={!trimmed}>
          Look at it
        </Button>
      </Group>
    </form>
  );
}
