import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { messageOf } from "@/api/errors";
import { type BulkRequest, useChangeSamples } from "@/api/samples/change-samples";
import { useUndoChange } from "@/api/samples/undo-change";
import { useView } from "../../view";
import { jobLine, reportLine, undoneLine } from "./report";

const LONG_ENOUGH_TO_UNDO_MS = 15_000;

interface Order {
  request: BulkRequest;
  /** "tagged “blurred”" */
  done: string;
  onDone: () => void;
}

/** An action over many samples; what it did is told, and can be undone where the server can. */
export function useBulk() {
  const { dataset } = useView();
  const change = useChangeSamples(dataset.id);
  const undo = useUndoChange(dataset.id);

  function takeBack(token: string, id: string) {
    notifications.update({ id, message: "Undoing…", loading: true, autoClose: false });
    // Awaited here: by now the dialog that a callback would belong to is closed.
    undo.mutateAsync(token).then(
      (undone) =>
        notifications.update({
          id,
          message: undoneLine(undone),
          loading: false,
          autoClose: 6_000,
          color: "teal",
        }),
      (error: unknown) =>
        notifications.update({
          id,
          message: messageOf(error),
          loading: false,
          autoClose: false,
          color: "red",
        }),
    );
  }

  function run({ request, done, onDone }: Order) {
    change.mutate(request, {
      onSuccess: (report) => {
        const { undo: token } = report;
        if (report.job !== null) {
          notifications.show({
            color: "petrol",
            message: jobLine(request.action),
          });
          onDone();
          return;
        }
        const id = `bulk-${token ?? Date.now()}`;
        const line = reportLine(report, done);
        notifications.show({
          id,
          color: report.changed > 0 ? "teal" : "yellow",
          autoClose: LONG_ENOUGH_TO_UNDO_MS,
          message: token ? <Undoable line={line} onUndo={() => takeBack(token, id)} /> : line,
        });
        onDone();
      },
    });
  }

  return { run, isPending: change.isPending, error: change.error, reset: change.reset };
}

function Undoable({ line, onUndo }: { line: string; onUndo: () => void }) {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm">{line}</Text>
      <Button size="compact-sm" variant="light" onClick={onUndo}>
        Undo
      </Button>
    </Group>
  );
}
