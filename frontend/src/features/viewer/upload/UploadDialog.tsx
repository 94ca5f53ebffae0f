import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { DropArea } from "@/components/DropArea";
import { TransferProgress } from "@/components/transfer/TransferProgress";
import { bytes, plural } from "@/lib/format";
import { isZip, sizeOf } from "./batches";
import { UploadReportView } from "./UploadReportView";
import { useUpload } from "./use-upload";

interface Props {
  dataset: number;
  opened: boolean;
  onClose: () => void;
}

export function UploadDialog({ dataset, opened, onClose }: Props) {
  const { state, courier, send, look, reset } = useUpload(dataset);
  const busy = state.phase === "sending";
  const isAdding = courier.transfer?.phase === "working";
  function close() {
    onClose();
    if (state.phase === "done") reset();
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      title="Upload images"
      size="lg"
      closeOnClickOutside={!busy}
      closeOnEscape={!busy}
      withCloseButton={!busy}
    >
      {state.phase === "idle" ? <Choose onSend={send} /> : null}
      {busy ? (
        <Stack>
          {courier.transfer ? (
            <TransferProgress
              transfer={courier.transfer}
              working="Sent; its images are being added"
              onPause={courier.pause}
              onResume={courier.resume}
            />
          ) : null}
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {state.report.added > 0 ? `${plural(state.report.added, "sample")} added` : ""}
            </Text>
            <Button variant="default" disabled={isAdding} onClick={courier.cancel}>
              Stop
            </Button>
          </Group>
        </Stack>
      ) : null}
      {state.phase === "done" ? (
        <UploadReportView
          report={state.report}
          error={state.error}
          onLook={look}
          onMore={reset}
          onClose={close}
        />
      ) : null}
    </Modal>
  );
}

function Choose({ onSend }: { onSend: (files: File[], foldersAreLabels: boolean) => void }) {
  const [files, setFiles] = useState<File[]>([]);
  const [labels, setLabels] = useState(false);
  const hasZip = files.some(isZip);
  return (
    <Stack>
      <DropArea
        label="Drop images or a zip here"
        hint="or click to choose. What is no image is skipped and reported; the rest is added."
        accept="image/*,.zip"
        multiple
        onFiles={(more) => setFiles((now) => [...now, ...more])}
      />
      {files.length > 0 ? (
        <Text size="sm">
          {plural(files.length, "file")}, {bytes(sizeOf(files))}
        </Text>
      ) : null}
      <Checkbox
        label="Folder names are labels"
        description="In a zip with a folder per class, the folder's name becomes the sample's ground_truth."
        checked={labels}
        disabled={files.length > 0 && !hasZip}
        onChange={(event) => setLabels(event.currentTarget.checked)}
      />
      <Group justify="flex-end">
        {files.length > 0 ? (
          <Button variant="default" onClick={() => setFiles([])}>
            Clear
          </Button>
        ) : null}
        <Button disabled={files.length === 0} onClick={() => onSend(files, labels && hasZip)}>
          Upload
        </Button>
      </Group>
    </Stack>
  );
}
