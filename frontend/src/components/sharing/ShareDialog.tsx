import { Button, Group, Loader, Modal, Select, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { ApiError } from "@/api/errors";
import { type SharedKind, type Sharing, useSetSharing, useSharing } from "@/api/sharing/sharing";
import { ErrorAlert } from "../ErrorAlert";
import { Grants } from "./Grants";
import { RIGHTS } from "./rights";

interface Props {
  kind: SharedKind;
  id: number;
  name: string;
  opened: boolean;
  onClose: () => void;
}

/** Who may do what: everyone, single users and groups. */
export function ShareDialog({ opened, onClose, name, ...shared }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Share ${name}`} size="lg">
      {opened ? <Loaded {...shared} onClose={onClose} /> : null}
    </Modal>
  );
}

type LoadedProps = Pick<Props, "kind" | "id" | "onClose">;

function Loaded({ kind, id, onClose }: LoadedProps) {
  const sharing = useSharing(kind, id);
  if (sharing.isPending) return <Loader size="sm" aria-label="Loading" />;
  if (sharing.isError) return <ErrorAlert error={sharing.error} onRetry={() => sharing.refetch()} />;
  return <ShareForm kind={kind} id={id} onClose={onClose} start={sharing.data} />;
}

function ShareForm({ kind, id, onClose, start }: LoadedProps & { start: Sharing }) {
  const [draft, setDraft] = useState(start);
  const save = useSetSharing(kind, id);
  const rights = RIGHTS[kind];
  const everyone = [
    { value: "none", label: "no access" },
    ...rights.map(({ value, label }) => ({ value, label })),
  ];

  const faultAt = (pointer: string) =>
    save.error instanceof ApiError ? save.error.under(pointer)[0]?.message : undefined;

  // A refusal speaks of what was sent: its places are others as soon as anything changes.
  function change(next: Sharing) {
    setDraft(next);
    save.reset();
  }

  const submit = () =>
    save.mutate(draft, {
      onSuccess: () => {
        notifications.show({ color: "teal", message: "Sharing was saved." });
        onClose();
      },
    });

  return (
    <Stack>
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Text fw={550}>Everyone</Text>
          <Text size="xs" c="dimmed">
            All who can sign in here
          </Text>
        </div>
        <Select
          aria-label="Right of everyone"
          data={everyone}
          value={draft.everyone}
          onChange={(right) => change({ ...draft, everyone: right ?? "none" })}
          allowDeselect={false}
          w={150}
        />
      </Group>
      <Grants
        title="People"
        placeholder="Username"
        of="users"
        rights={rights}
        grants={draft.users.map(({ username, right }) => ({ name: username, right }))}
        onChange={(grants) =>
          change({ ...draft, users: grants.map(({ name, right }) => ({ username: name, right })) })
        }
        faultAt={(place) => faultAt(`/users/${place}`)}
      />
      <Grants
        title="Groups"
        placeholder="Name of a group"
        of="groups"
        rights={rights}
        grants={draft.groups}
        onChange={(groups) => change({ ...draft, groups })}
        faultAt={(place) => faultAt(`/groups/${place}`)}
      />
      <Stack gap={2}>
        {rights.map(({ label, meaning }) => (
          <Text key={label} size="xs" c="dimmed">
            <b>{label}</b>: {meaning}
          </Text>
        ))}
      </Stack>
      <ErrorAlert error={save.error} shownElsewhere={(pointer) => /^\/(users|groups)\//.test(pointer)} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={submit} loading={save.isPending}>
          Save
        </Button>
      </Group>
    </Stack>
  );
}
