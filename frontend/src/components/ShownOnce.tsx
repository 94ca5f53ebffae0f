import { Alert, Button, CopyButton, Group, Text, TextInput } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";

interface Props {
  title: string;
  /** The secret itself. */
  text: string;
  /** What it is called: "token", "link". */
  noun: string;
}

/** A secret that the server shows this once, to be copied. */
export function ShownOnce({ title, text, noun }: Props) {
  return (
    <Alert color="teal" variant="light" icon={<IconKey size={18} />} title={title} role="status">
      <Text size="sm" mb={6}>
        It cannot be shown again. Keep it where only the person that it is for can read it.
      </Text>
      <Group gap="xs" wrap="nowrap">
        <TextInput
          aria-label={`The new ${noun}`}
          value={text}
          readOnly
          flex={1}
          ff="monospace"
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? "Copied" : `Copy ${noun}`}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Alert>
  );
}
