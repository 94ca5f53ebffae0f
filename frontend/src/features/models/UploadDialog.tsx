import { Button, FileButton, FileInput, Group, Loader, Modal, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconFileCode, IconFileZip, IconUpload } from "@tabler/icons-react";
import { type FormEvent, lazy, Suspense, useState } from "react";
import { faultAt } from "@/api/errors";
import { useUploadVersion } from "@/api/models/upload-version";
import type { Model } from "@/api/types";
import { lineOf } from "@/components/code/json-marks";
import { ErrorAlert } from "@/components/ErrorAlert";
import { TransferProgress } from "@/components/transfer/TransferProgress";
import { isStop, useCourier } from "@/components/transfer/use-courier";
import { ProposedVersion } from "./ProposedVersion";
import { usePackedManifest } from "./use-packed-manifest";
import { useSchemaCheck } from "./use-schema-check";

const JsonEditor = lazy(() => import("@/components/code/JsonEditor"));

const HINT = `{
  "inputs": {
    "type": "object",
    "properties": {"image_paths": {"type": "local"}}
  },
  "outputs": …
}`;

interface Props {
  model: Model;
  opened: boolean;
  onClose: () => void;
  onUploaded: (version: string) => void;
}

export function UploadDialog({ opened, ...props }: Props) {
  const [busy, setBusy] = useState(false);
  return (
    <Modal
      opened={opened}
      onClose={props.onClose}
      title={`Upload a version of ${props.model.name}`}
      size="lg"
      closeOnClickOutside={!busy}
      closeOnEscape={!busy}
      withCloseButton={!busy}
    >
      {opened ? <UploadForm {...props} onBusy={setBusy} /> : null}
    </Modal>
  );
}

interface FormProps extends Omit<Props, "opened"> {
  onBusy: (busy: boolean) => void;
}

function UploadForm({ model, onClose, onUploaded, onBusy }: FormProps) {
  const [file, setFile] = useState<File | null>(null);
  const [schema, setSchema] = useState("");
  const [version, setVersion] = useState("");
  const [error, setError] = useState<unknown>(null);
  const courier = useCourier();
  const adding = useUploadVersion(model.id);
  const packed = usePackedManifest(file);
  const { marks, proposal } = useSchemaCheck(schema.trim() ? schema : packed.schema, model.id);
  // Faults within the package are told when it is sent, with their places in it.
  const shownMarks = schema.trim() ? marks : [];

  const isBusy = courier.transfer !== null;

  async function readSchema(chosen: File | null) {
    if (chosen) setSchema(await chosen.text());
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!file) return;
    setError(null);
    onBusy(true);
    try {
      const added = await courier.bring(file.size, async (way) => {
        const upload = await way.send(file);
        return way.using(file, () => adding.mutateAsync({ upload, schema, version }));
      });
      notifications.show({ color: "teal", message: `Version ${added.version} was added.` });
      onUploaded(added.version);
      onClose();
    } catch (failure) {
      setError(isStop(failure) ? null : failure);
    } finally {
      onBusy(false);
    }
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <FileInput
          label="Package"
          description="The packed model, a .zip"
          placeholder="Choose a .zip"
          accept=".zip,application/zip"
          required
          clearable={!isBusy}
          clearButtonProps={{ "aria-label": "Take the file out" }}
          leftSection={<IconFileZip size={16} />}
          value={file}
          onChange={setFile}
          disabled={isBusy}
          error={faultAt(error, "/upload")}
        />
        <div>
          <Group justify="space-between" align="flex-end" mb={6} wrap="nowrap">
            <div>
              <Text size="sm" fw={500}>
                Schema
              </Text>
              <Text size="xs" c="dimmed">
                Leave it empty when the package carries its own.
              </Text>
            </div>
            <FileButton accept=".json,application/json" onChange={readSchema}>
              {(props) => (
                <Button
                  {...props}
                  variant="default"
                  size="compact-sm"
                  leftSection={<IconFileCode size={15} />}
                >
                  Read from a file
                </Button>
              )}
            </FileButton>
          </Group>
          <Suspense fallback={<Loader size="sm" />}>
            <JsonEditor value={schema} onChange={setSchema} marks={shownMarks} label="Schema" hint={HINT} />
          </Suspense>
          {shownMarks.map((mark) => (
            <Text key={`${mark.from} ${mark.message}`} size="xs" c="red" mt={4}>
              Line {lineOf(schema, mark.from)}: {mark.message}
            </Text>
          ))}
        </div>
        <TextInput
          label="Version"
          description="Semantic version; empty takes the manifest’s, else the one that is proposed"
          placeholder={packed.version ?? proposal?.version ?? "1.0.0"}
          value={version}
          onChange={(event) => setVersion(event.currentTarget.value)}
          error={faultAt(error, "/version")}
        />
        {proposal ? <ProposedVersion proposal={proposal} named={packed.version} onTake={setVersion} /> : null}
        <ErrorAlert
          error={error}
          title="The upload was refused"
          shownElsewhere={(pointer) => pointer === "/upload" || pointer === "/version"}
        />
        {courier.transfer ? (
          <TransferProgress
            transfer={courier.transfer}
            working="Sent; the package is being checked"
            onPause={courier.pause}
            onResume={courier.resume}
          />
        ) : null}
        <Group justify="flex-end">
          <Button
            variant="default"
            disabled={courier.transfer?.phase === "working"}
            onClick={() => {
              courier.cancel();
              onClose();
            }}
          >
            Cancel
          </Button>
          <Button
            type="submit"
            leftSection={<IconUpload size={16} />}
            loading={isBusy}
            disabled={!file || shownMarks.length > 0}
          >
            Upload
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
