import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useEffect } from "react";
import { canMerge, merged } from "@/annotation/merging";
import type { Unsaved } from "@/annotation/saving-ports";
import { useSample } from "@/api/samples/get-sample";
import type { Field } from "@/api/types";
import { dateTime, plural } from "@/lib/format";
import { useView } from "../view";
import { useLabelling, useSaving } from "./context";
import classes from "./labelling.module.css";
import { Version } from "./Version";

interface Props {
  opened: boolean;
  onClose: () => void;
}

/** What could not be saved without somebody's decision, one change after the other. */
export function UnsavedDialog({ opened, onClose }: Props) {
  const { unsaved } = useSaving();
  const open = unsaved.filter(({ conflict, refused }) => conflict || refused);
  const [first] = open;
  if (!first) return null;
  const title = first.conflict ? "Somebody else changed this first" : "This change was not accepted";
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="xl" zIndex={260}>
      <Stack>
        {first.conflict ? (
          <Conflict key={`${first.sample} ${first.field}`} change={first} />
        ) : (
          <Refused change={first} />
        )}
        {open.length > 1 ? (
          <Text size="sm" c="dimmed">
            {plural(open.length - 1, "more change")} to decide.
          </Text>
        ) : null}
      </Stack>
    </Modal>
  );
}

function useField(name: string): Field | undefined {
  return useView().dataset.fields.find((field) => field.name === name);
}

/** Both versions side by side; none is lost until somebody says so. */
function Conflict({ change }: { change: Unsaved }) {
  const { dataset } = useView();
  const labelling = useLabelling();
  const field = useField(change.field);
  const { data: sample, refetch } = useSample(dataset.id, change.sample);
  // Who wrote theirs was not part of the answer.
  useEffect(() => void refetch(), [refetch]);
  const theirs = change.conflict?.theirs ?? null;
  const facts = sample?.provenance[change.field];
  const editor = facts && facts.revision === change.conflict?.revision ? facts : undefined;
  const resolve = (choice: { keep: unknown } | "theirs") =>
    labelling?.saver.resolve(change.sample, change.field, choice);
  const both = () => {
    if (Array.isArray(change.value) && Array.isArray(theirs)) {
      resolve({ keep: merged(field?.type ?? "", change.value, theirs) });
    }
  };
  return (
    <>
      <Text size="sm">
        <b>{change.field}</b> of <b>{change.name}</b>: both versions are here, and none is lost.
      </Text>
      <div className={classes.versions}>
        <Version
          name="Yours"
          when={dateTime(new Date(change.at).toISOString())}
          {...{ field, sample }}
          value={change.value}
        />
        <Version
          name={editor?.editor ? `Theirs: ${editor.editor}` : "Theirs"}
          when={editor ? dateTime(editor.written_at) : ""}
          {...{ field, sample }}
          value={theirs}
        />
      </div>
      <Group justify="flex-end">
        {canMerge(change.value, theirs) ? (
          <Button variant="default" onClick={both}>
            Merge: both
          </Button>
        ) : null}
        <Button variant="default" onClick={() => resolve("theirs")}>
          Take theirs
        </Button>
        <Button onClick={() => resolve({ keep: change.value })}>Keep mine</Button>
      </Group>
    </>
  );
}

function Refused({ change }: { change: Unsaved }) {
  const labelling = useLabelling();
  return (
    <>
      <Text size="sm">
        <b>{change.field}</b> of <b>{change.name}</b>: {change.refused}
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={() => labelling?.discard(change.sample, change.field)}>
          Discard my change
        </Button>
        <Button onClick={() => labelling?.saver.retry(change.sample, change.field)}>Try again</Button>
      </Group>
    </>
  );
}
