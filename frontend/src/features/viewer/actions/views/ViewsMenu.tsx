import { Button, Popover, Skeleton, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBookmark, IconBookmarkFilled } from "@tabler/icons-react";
import { type FormEvent, type RefObject, useRef, useState } from "react";
import { mayOnDataset } from "@/api/access";
import { useMe } from "@/api/me/get-me";
import type { SavedView } from "@/api/types";
import { useViews } from "@/api/views/list-views";
import { useSaveView } from "@/api/views/save-view";
import { ErrorAlert } from "@/components/ErrorAlert";
import { useView } from "../../view";
import actions from "../actions.module.css";
import { isSame } from "./present";
import { usePresent } from "./use-present";
import { ViewRow } from "./ViewRow";
import classes from "./views.module.css";

/** The bookmark: views that the dataset's people keep, and the present one to be added to them. */
export function ViewsMenu() {
  const { dataset, search } = useView();
  const { present } = usePresent();
  const [opened, { toggle, close, set }] = useDisclosure(false);
  const views = useViews(dataset.id);
  const current = views.data?.find(({ id }) => id === search.view);
  const isChanged = current !== undefined && !isSame(current, present);
  const Icon = current ? IconBookmarkFilled : IconBookmark;
  return (
    <Popover
      opened={opened}
      onChange={set}
      position="bottom-start"
      width={320}
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Button
          variant={current ? "light" : "default"}
          leftSection={<Icon size={16} stroke={1.7} />}
          maw={200}
          className={current ? undefined : actions.compact}
          title={current?.name ?? "Views"}
          onClick={toggle}
        >
          {current?.name ?? <span className={actions.word}>Views</span>}
          {isChanged ? " (changed)" : ""}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <List views={views.data} error={views.error} current={current} onOpened={close} />
      </Popover.Dropdown>
    </Popover>
  );
}

interface ListProps {
  views: SavedView[] | undefined;
  error: unknown;
  current: SavedView | undefined;
  onOpened: () => void;
}

function List({ views, error, current, onOpened }: ListProps) {
  const { dataset } = useView();
  const { data: me } = useMe();
  const input = useRef<HTMLInputElement>(null);
  const mayLabel = mayOnDataset(dataset.access, "label");
  const mayEdit = mayOnDataset(dataset.access, "edit");
  if (error) return <ErrorAlert error={error} title="The views could not be read" />;
  return (
    <>
      {views ? null : <Skeleton h={28} />}
      <ul className={classes.views} aria-label="Views">
        {views?.map((view) => (
          <ViewRow
            key={view.id}
            view={view}
            isCurrent={view.id === current?.id}
            mayChange={mayEdit || (mayLabel && view.created_by === me?.username)}
            onOpened={onOpened}
            onGone={() => input.current?.focus()}
          />
        ))}
      </ul>
      {views?.length === 0 ? (
        <Text size="sm" c="dimmed" p={6}>
          No views yet. A view keeps the filter, the order and which fields are shown, for everyone who sees
          the dataset.
        </Text>
      ) : null}
      {mayLabel ? <SaveForm inputRef={input} onSaved={onOpened} /> : null}
    </>
  );
}

interface SaveProps {
  inputRef: RefObject<HTMLInputElement | null>;
  onSaved: () => void;
}

function SaveForm({ inputRef, onSaved }: SaveProps) {
  const { dataset, change } = useView();
  const { present } = usePresent();
  const [name, setName] = useState("");
  const save = useSaveView(dataset.id);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!name.trim()) return;
    save.mutate(
      { name: name.trim(), ...present },
      {
        onSuccess: ({ id }) => {
          change({ view: id }, { replace: true });
          onSaved();
        },
      },
    );
  }
  return (
    <form onSubmit={submit} className={classes.save}>
      <div className={classes.form}>
        <TextInput
          ref={inputRef}
          size="xs"
          flex={1}
          aria-label="Name of the new view"
          placeholder="Save what is shown as…"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Button size="xs" type="submit" disabled={!name.trim()} loading={save.isPending}>
          Save
        </Button>
      </div>
      <ErrorAlert error={save.error} />
    </form>
  );
}
