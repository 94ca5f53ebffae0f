import { Button, Divider, Group, TextInput } from "@mantine/core";

interface Props {
  /** The names that a path begins with. */
  roots: readonly string[];
  path: string;
  /** What is wrong with it. */
  fault: string | undefined;
  onPath: (path: string) => void;
  onLook: (path: string) => void;
}

/** For staff: a folder or prefix that the server reads where it lies. */
export function ServerPath({ roots, path, fault, onPath, onLook }: Props) {
  const trimmed = path.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (trimmed) onLook(trimmed);
      }}
    >
      <Divider label="or" mb="xs" />
      <Group align="flex-start" gap="xs" wrap="nowrap">
        <TextInput
          label="From the server"
          description={`A path that begins with ${roots.join(" or ")}.`}
          placeholder={`${roots[0]}/…`}
          value={path}
          error={fault}
          onChange={(event) => onPath(event.currentTarget.value)}
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
