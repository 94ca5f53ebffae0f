import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/api/errors";
import type { SharedKind } from "@/api/sharing/sharing";
import { useTransfer } from "@/api/sharing/transfer";
import { ErrorAlert } from "../ErrorAlert";
import { NameInput } from "./NameInput";
import { RIGHTS } from "./rights";

interface Props {
  kind: SharedKind;
  id: number;
  name: string;
  opened: boolean;
  onClose: () => void;
  /** With the right that is left to whoever did it. */
  onTransferred?: (access: string) => void;
}

/** Gives an object to another owner. */
export function TransferDialog({ opened, onClose, name, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Transfer ${name}`}>
      <TransferForm {...rest} onClose={onClose} />
    </Modal>
  );
}

function TransferForm({ kind, id, onClose, onTransferred }: Omit<Props, "name" | "opened">) {
  const [username, setUsername] = useState("");
  const [keep, setKeep] = useState("edit");
  const transfer = useTransfer(kind, id);
  const refused = transfer.error instanceof ApiError ? transfer.error.at("/username") : undefined;

  function submit(event: FormEvent) {
    event.preventDefault();
    transfer.mutate(
      { username: username.trim(), keep },
      {
        onSuccess: ({ owner, access }) => {
          notifications.show({ color: "teal", message: `${owner} is the owner now.` });
          onClose();
          onTransferred?.(access);
        },
      },
    );
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">
          The new owner gets every right, and alone can give it away again. Jobs that run go on, and everybody
          else keeps the rights that they have.
        </Text>
        <NameInput
          of="users"
          label="New owner"
          description="The username"
          required
          data-autofocus
          value={username}
          onChange={setUsername}
          error={refused}
        />
        <Select
          label="The owner until now"
          data={[
            { value: "none", label: "keeps no access" },
            ...RIGHTS[kind].map(({ value, label }) => ({ value, label })),
          ]}
          value={keep}
          allowDeselect={false}
          onChange={(right) => setKeep(right ?? "edit")}
        />
        <ErrorAlert error={transfer.error} shownElsewhere={(pointer) => pointer === "/username"} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={transfer.isPending} disabled={!username.trim()}>
            Transfer
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
