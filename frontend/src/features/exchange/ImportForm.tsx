import { Button, Group, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useStartImport } from "@/api/exchange/start-import";
import type { Dataset, ExchangeFormat, ImportPreview } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { ClassTable } from "./ClassTable";
import { type ClassMap, classesOf, labelRows, proposedTargets, sentMap } from "./class-map";
import { FieldTargets } from "./FieldTargets";
import { FORMAT_OPTIONS } from "./formats";
import { PreviewFacts } from "./PreviewFacts";

interface Props {
  dataset: Dataset;
  preview: ImportPreview;
  refusal: unknown;
  onFormat: (format: ExchangeFormat) => void;
  onBack: () => void;
  onStarted: () => void;
}

/** What a file holds, where it goes and what its labels become. */
export function ImportForm({ dataset, preview, refusal, onFormat, onBack, onStarted }: Props) {
  const [targets, setTargets] = useState(() => proposedTargets(preview.fields));
  const [map, setMap] = useState<ClassMap>({});
  const [onExisting, setOnExisting] = useState<"skip" | "replace">("skip");
  const start = useStartImport(dataset.id);
  const known = classesOf(targets, dataset.fields);
  const rows = labelRows(preview.fields, targets, map, known);
  const usable = preview.matched + preview.new;
  // Too large for a look: the import takes whatever fields it finds.
  const isUnseen = !preview.complete && preview.samples === 0;

  function submit() {
    const { format, upload } = preview;
    const chosen = isUnseen ? {} : { fields: { ...targets }, classes: sentMap(map) };
    const options = { format, ...chosen, on_existing: onExisting };
    start.mutate(
      { upload, options },
      {
        onSuccess: () => {
          notifications.show({ message: "The import has begun.", color: "petrol" });
          onStarted();
        },
      },
    );
  }

  return (
    <Stack>
      <Group align="flex-end" justify="space-between">
        <Select
          label="Format"
          data={FORMAT_OPTIONS}
          value={preview.format}
          allowDeselect={false}
          onChange={(next) => next && onFormat(next as ExchangeFormat)}
          w={240}
        />
        <PreviewFacts preview={preview} />
      </Group>
      {preview.fields.length > 0 ? (
        <FieldTargets
          fields={preview.fields}
          targets={targets}
          dataset={dataset}
          onChange={(name, target) => {
            start.reset();
            setTargets((now) => ({ ...now, [name]: target }));
          }}
        />
      ) : null}
      {rows.length > 0 ? (
        <ClassTable
          rows={rows}
          known={known}
          onChange={(label, target) => setMap((now) => ({ ...now, [label]: target }))}
        />
      ) : null}
      <div>
        <Text size="sm" fw={500} mb={4} id="on-existing">
          Where a value stands already
        </Text>
        <SegmentedControl
          aria-labelledby="on-existing"
          value={onExisting}
          onChange={(next) => setOnExisting(next as "skip" | "replace")}
          data={[
            { value: "skip", label: "Keep it" },
            { value: "replace", label: "Replace it" },
          ]}
        />
        <Text size="xs" c="dimmed" mt={4}>
          A value that a person set is kept in any case.
        </Text>
      </div>
      <ErrorAlert error={refusal ?? start.error} title="This does not fit" />
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Choose another file
        </Button>
        <Button onClick={submit} loading={start.isPending} disabled={usable === 0 && !isUnseen}>
          Import
        </Button>
      </Group>
    </Stack>
  );
}
