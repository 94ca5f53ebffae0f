import {
  Button,
  FileButton,
  FileInput,
  Group,
  Loader,
  Modal,
  Progress,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconFileCode, IconFileZip, IconUpload } from "@tabler/icons-react";
import { type FormEvent, lazy, Suspense, useRef, useState } from "react";
import { faultAt } from "@/api/errors";
import { useUploadVersion } from "@/api/models/upload-version";
import type { Model } from "@/api/types";
import { lineOf } from "@/components/code/json-marks";
import { ErrorAlert } from "@/components/ErrorAlert";
import { percent } from "@/lib/format";
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
  return (
    <Modal
      opened={opened}
      onClose={props.onClose}
      title={`Upload a version of ${props.model.name}`}
      size="lg"
    >
      {opened ? <UploadForm {...props} /> : null}
    </Modal>
  );
}

function UploadForm({ model, onClose, onUploaded }: Omit<Props, "opened">) {
  const [file, setFile] = useState<File | null>(null);
  const [schema, setSchema] = useState("");
  const [version, setVersion] = useState("");
  const [share, setShare] = useState(0);
  const stop = useRef<AbortController>(null);
  const sending = useUploadVersion(model.id);
  const packed = usePackedManifest(file);
  const { marks, proposal } = useSchemaCheck(schema.trim() ? schema : packed.schema, model.id);
  // Faults within the package are told when it is sent, with their places in it.
  const shownMarks = schema.trim() ? marks : [];

  async function readSchema(chosen: File | null) {
    if (chosen) setSchema(await chosen.text());
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!file) return;
    stop.current = new AbortController();
    setShare(0);
    sending.mutate(
      { package: file, schema, version, onProgress: setShare, signal: stop.current.signal },
      {
        onSuccess: (added) => {
          notifications.show({ color: "teal", message: `Version ${added.version} was added.` });
          onUploaded(added.version);
          onClose();
        },
      },
    );
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
          clearable
          clearButtonProps={{ "aria-label": "Take the file out" }}
          leftSection={<IconFileZip size={16} />}
          value={file}
          onChange={setFile}
          error={faultAt(sending.error, "/package")}
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
          error={faultAt(sending.error, "/version")}
        />
        {proposal ? <ProposedVersion proposal={proposal} named={packed.version} onTake={setVersion} /> : null}
        <ErrorAlert
          error={sending.error}
          title="The upload was refused"
          shownElsewhere={(pointer) => pointer === "/package" || pointer === "/version"}
        />
        {sending.isPending ? (
          <div>
            <Progress value={share * 100} animated={share === 1} aria-label="Upload" />
            <Text size="xs" c="dimmed" mt={4}>
              {share < 1 ? `${percent(share)} sent` : "Sent; the package is being checked"}
            </Text>
          </div>
        ) : null}
        <Group justify="flex-end">
          <Button
            variant="default"
            onClick={() => {
              stop.current?.abort();
              onClose();
            }}
          >
            Cancel
          </Button>
          <Button
            type="submit"
            leftSection={<IconUpload size={16} />}
            loading={sending.isPending}
            disabled={!file || shownMarks.length > 0}
          >
            Upload
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
