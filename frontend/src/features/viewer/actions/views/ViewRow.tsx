import { ActionIcon, Button, Group, Menu, Text, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconBookmark, IconBookmarkFilled, IconDots } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { messageOf } from "@/api/errors";
import type { SavedView } from "@/api/types";
import { useDeleteView } from "@/api/views/delete-view";
import { useUpdateView } from "@/api/views/update-view";
import { useView } from "../../view";
import { usePresent } from "./use-present";
import classes from "./views.module.css";

interface Props {
  view: SavedView;
  isCurrent: boolean;
  mayChange: boolean;
  onOpened: () => void;
  /** It is about to leave the list, and takes the focus with it. */
  onGone: () => void;
}

/** A saved view: opened by a click, changed by the menu at its end. */
export function ViewRow({ view, isCurrent, mayChange, onOpened, onGone }: Props) {
  const { dataset, change } = useView();
  const { present, open } = usePresent();
  const [renaming, setRenaming] = useState(false);
  const update = useUpdateView(dataset.id);
  const remove = useDeleteView(dataset.id);
  const Icon = isCurrent ? IconBookmarkFilled : IconBookmark;
  const error = update.error ?? remove.error;

  function erase() {
    remove.mutate(view.id, {
      onSuccess: () => {
        if (isCurrent) change({ view: undefined }, { replace: true });
        onGone();
      },
    });
  }

  return (
    <li className={classes.view} data-current={isCurrent || undefined}>
      {renaming ? (
        <Rename
          name={view.name}
          busy={update.isPending}
          onCancel={() => setRenaming(false)}
          onName={(name) =>
            update.mutate({ id: view.id, changes: { name } }, { onSuccess: () => setRenaming(false) })
          }
        />
      ) : (
        <Group gap={2} wrap="nowrap">
          <button
            type="button"
            className={classes.open}
            aria-current={isCurrent || undefined}
            disabled={view.problem !== null}
            onClick={() => {
              open(view);
              onOpened();
            }}
          >
            <Icon size={15} stroke={1.6} />
            <span className={classes.name}>{view.name}</span>
          </button>
          {mayChange ? (
            <Menu position="bottom-end" width={210} withinPortal={false}>
              <Menu.Target>
                <ActionIcon size="sm" aria-label={`Change the view ${view.name}`} loading={update.isPending}>
                  <IconDots size={16} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => setRenaming(true)}>Rename</Menu.Item>
                <Menu.Item onClick={() => update.mutate({ id: view.id, changes: present })}>
                  Update to what is shown
                </Menu.Item>
                <Menu.Item onClick={erase}>Delete</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          ) : null}
        </Group>
      )}
      {view.problem ? (
        <Text size="xs" className={classes.problem}>
          <IconAlertTriangle size={13} /> {view.problem}
        </Text>
      ) : null}
      {error ? (
        <Text size="xs" c="red" role="alert">
          {messageOf(error)}
        </Text>
      ) : null}
    </li>
  );
}

interface RenameProps {
  name: string;
  busy: boolean;
  onCancel: () => void;
  onName: (name: string) => void;
}

function Rename({ name, busy, onCancel, onName }: RenameProps) {
  const [typed, setTyped] = useState(name);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (typed.trim() === name) onCancel();
    else if (typed.trim()) onName(typed.trim());
  }
  return (
    <form onSubmit={submit} className={classes.form}>
      <TextInput
        size="xs"
        flex={1}
        aria-label={`New name of ${name}`}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        ref={(input) => input?.focus()}
      />
      <Button size="xs" type="submit" loading={busy}>
        Rename
      </Button>
    </form>
  );
}
