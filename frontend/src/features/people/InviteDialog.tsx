import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/api/errors";
import { useInvite } from "@/api/people/people";
import { ErrorAlert } from "@/components/ErrorAlert";
import type { MadeLink } from "./made-link";

interface Props {
  opened: boolean;
  onClose: () => void;
  onInvited: (made: MadeLink) => void;
}

/** A new account, and the link with which its person comes in. */
export function InviteDialog({ opened, onClose, onInvited }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Invite somebody">
      <InviteForm onClose={onClose} onInvited={onInvited} />
    </Modal>
  );
}

const PARTS = [
  { part: "username", label: "Username", maxLength: 150 },
  { part: "name", label: "Full name", maxLength: 150 },
  { part: "email", label: "Email", maxLength: 254 },
] as const;

function InviteForm({ onClose, onInvited }: Omit<Props, "opened">) {
  const [typed, setTyped] = useState({ username: "", name: "", email: "" });
  const invite = useInvite();

  function submit(event: FormEvent) {
    event.preventDefault();
    const { username, name, email } = typed;
    invite.mutate(
      { username: username.trim(), name: name.trim(), email: email.trim() },
      {
        onSuccess: (person) => {
          onInvited({ username: person.username, link: person.invitation.link });
          onClose();
        },
      },
    );
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {PARTS.map(({ part, label, maxLength }) => (
          <TextInput
            key={part}
            label={label}
            maxLength={maxLength}
            required={part === "username"}
            data-autofocus={part === "username" || undefined}
            autoComplete="off"
            value={typed[part]}
            onChange={(event) => setTyped({ ...typed, [part]: event.currentTarget.value })}
            error={invite.error instanceof ApiError ? invite.error.at(`/${part}`) : undefined}
          />
        ))}
        <Text size="xs" c="dimmed">
          You get a link that works once, for seven days. Its person chooses a password with it, and may
          choose another username.
        </Text>
        <ErrorAlert
          error={invite.error}
          shownElsewhere={(pointer) => /^\/(username|name|email)$/.test(pointer)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={invite.isPending} disabled={!typed.username.trim()}>
            Make invitation
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
