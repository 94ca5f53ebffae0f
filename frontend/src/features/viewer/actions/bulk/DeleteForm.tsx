import { Button, Group, Stack, Text } from "@mantine/core";
import { ErrorAlert } from "@/components/ErrorAlert";
import { plural } from "@/lib/format";
import { useView } from "../../view";
import type { FormProps } from "./BulkDialog";
import { useBulk } from "./use-bulk";

/** Asks before samples are gone for good. */
export function DeleteForm({ samples, chosen, onClose }: FormProps) {
  const { selection, change } = useView();
  const { run, isPending, error } = useBulk();
  const what = chosen.count === null ? "these samples" : plural(chosen.count, "sample");
  const send = () =>
    run({
      request: { action: "delete", ...samples },
      done: "deleted",
      onDone: () => {
        selection.clear();
        change({ sample: undefined }, { replace: true });
        onClose();
      },
    });
  return (
    <Stack mt="md">
      <Text>
        Delete <b>{what}</b> with all their values and labels? This cannot be undone.
      </Text>
      <ErrorAlert error={error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep them
        </Button>
        <Button color="red" loading={isPending} disabled={chosen.count === null} onClick={send}>
          Delete {what}
        </Button>
      </Group>
    </Stack>
  );
}
