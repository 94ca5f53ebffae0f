import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { type FormEvent, useState } from "react";
import { ErrorAlert } from "./ErrorAlert";

interface ConfirmByName {
  title: string;
  /** What will be lost, in a sentence. */
  consequence: string;
  /** The name that has to be typed. */
  name: string;
  action: string;
  onConfirm: () => Promise<unknown>;
}

/** Asks for the thing's name before something is deleted. */
export function confirmByName({ title, ...rest }: ConfirmByName): void {
  const id = modals.open({ title, children: <TypedName {...rest} onDone={() => modals.close(id)} /> });
}

function TypedName({
  consequence,
  name,
  action,
  onConfirm,
  onDone,
}: Omit<ConfirmByName, "title"> & { onDone: () => void }) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      await onConfirm();
      onDone();
    } catch (refusal) {
      setError(refusal);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text>{consequence}</Text>
        <TextInput
          label={`Type “${name}” to go on`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
          autoComplete="off"
        />
        <ErrorAlert error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Keep it
          </Button>
          <Button type="submit" color="red" disabled={typed !== name} loading={busy}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
