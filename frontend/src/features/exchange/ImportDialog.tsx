import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { faultAt } from "@/api/errors";
import { useMe } from "@/api/me/get-me";
import type { Dataset } from "@/api/types";
import { DropArea } from "@/components/DropArea";
import { ErrorAlert } from "@/components/ErrorAlert";
import { TransferProgress } from "@/components/transfer/TransferProgress";
import { ImportForm } from "./ImportForm";
import { ServerPath } from "./ServerPath";
import { useSentFile } from "./use-sent-file";

interface Props {
  dataset: Dataset;
  opened: boolean;
  onClose: () => void;
  onStarted: () => void;
}

export function ImportDialog({ dataset, opened, onClose, onStarted }: Props) {
  const file = useSentFile(dataset.id);
  const roots = useMe().data?.import_roots ?? [];
  const [path, setPath] = useState("");
  const fault = faultAt(file.error, "/path");
  const isBusy = file.phase === "sending";
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={file.reset}
      title="Import labels and images"
      size={760}
      closeOnClickOutside={!isBusy}
      closeOnEscape={!isBusy}
      withCloseButton={!isBusy}
    >
      {file.phase === "idle" ? (
        <Stack>
          <DropArea
            label="Drop a file or a zip here"
            hint="COCO, YOLO, Pascal VOC, CVAT, Label Studio, FiftyOne, CSV, a folder per class, or a Samplecase archive. You see what it holds before anything is written."
            accept=".zip,.json,.xml,.csv"
            onFiles={([first]) => first && file.send(first)}
          />
          {roots.length > 0 ? (
            <ServerPath roots={roots} path={path} fault={fault} onPath={setPath} onLook={file.refer} />
          ) : null}
          <ErrorAlert
            error={file.error}
            title="This cannot be imported"
            shownElsewhere={(pointer) => pointer === "/path"}
          />
        </Stack>
      ) : null}
      {isBusy ? (
        <Stack>
          {file.courier.transfer ? (
            <TransferProgress
              transfer={file.courier.transfer}
              working="Looking at it…"
              onPause={file.courier.pause}
              onResume={file.courier.resume}
            />
          ) : (
            <Text role="status">Looking at it…</Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={file.stop}>
              Stop
            </Button>
          </Group>
        </Stack>
      ) : null}
      {file.preview ? (
        <ImportForm
          key={`${file.preview.upload} ${file.preview.format}`}
          dataset={dataset}
          preview={file.preview}
          refusal={file.error}
          onFormat={file.readAs}
          onBack={file.reset}
          onStarted={onStarted}
        />
      ) : null}
    </Modal>
  );
}
