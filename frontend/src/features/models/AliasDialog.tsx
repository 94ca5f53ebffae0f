import { Autocomplete, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import { faultAt } from "@/api/errors";
import { useMoveAlias } from "@/api/models/aliases";
import type { Model } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { plural } from "@/lib/format";
import { LATEST } from "./aliases";

interface Props {
  model: Model;
  version: string;
  onClose: () => void;
}

/** Lets an alias, an old one or a new one, mean a version. */
export function AliasDialog({ model, version, onClose }: Props) {
  const own = model.aliases.filter(({ name }) => name !== LATEST);
  const [name, setName] = useState(own.length > 0 ? "" : "champion");
  const move = useMoveAlias(model.id);
  const before = own.find((alias) => alias.name === name);
  const followers = model.deployments.filter(({ follows }) => follows !== null && follows === name);
  const refused = faultAt(move.error, "/name");

  function submit(event: FormEvent) {
    event.preventDefault();
    move.mutate(
      { name, version },
      {
        onSuccess: () => {
          notifications.show({ color: "teal", message: `${name} means v${version} now.` });
          onClose();
        },
      },
    );
  }

  return (
    <Modal opened onClose={onClose} title={`An alias for v${version}`}>
      <form onSubmit={submit}>
        <Stack>
          <Autocomplete
            label="Alias"
            description="A word that deployments may follow, as champion. Choose one to move it here, or name another."
            data={own.map((alias) => alias.name)}
            value={name}
            onChange={setName}
            error={refused}
            maxLength={40}
            required
            data-autofocus
          />
          {before ? (
            <Text size="sm">
              It moves from v{before.version} to v{version}.
            </Text>
          ) : null}
          {followers.length > 0 ? (
            <Text size="sm">
              {plural(followers.length, "deployment")} will be checked anew with v{version}:{" "}
              {followers.map((each) => each.name).join(", ")}. Jobs that run stay with the version they began
              with.
            </Text>
          ) : null}
          <ErrorAlert error={move.error} shownElsewhere={(pointer) => pointer === "/name"} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={move.isPending} disabled={!name}>
              Set the alias
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
