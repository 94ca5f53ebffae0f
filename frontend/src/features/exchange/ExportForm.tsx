import { Button, Group, MultiSelect, Radio, Select, Stack, Switch } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useStartExport } from "@/api/exchange/start-export";
import type { Dataset, ExchangeFormat } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import type { Filter } from "@/lib/filter";
import { plural } from "@/lib/format";
import { carried, FORMAT_OPTIONS, FORMATS, usual } from "./formats";

export interface ExportProps {
  dataset: Dataset;
  filter: Filter | undefined;
  filtered: number | null;
  selected: ReadonlySet<number>;
  onClose: () => void;
  onStarted: () => void;
}

type Scope = "all" | "filter" | "selected";

/** Format, samples, fields, and whether the images come along. */
export function ExportForm({ dataset, filter, filtered, selected, onClose, onStarted }: ExportProps) {
  const [format, setFormat] = useState<ExchangeFormat>("samplecase");
  const [scope, setScope] = useState<Scope>(selected.size > 0 ? "selected" : filter ? "filter" : "all");
  const [fields, setFields] = useState(() => usual("samplecase", dataset.fields));
  const [media, setMedia] = useState(true);
  const start = useStartExport(dataset.id);
  const { says, isSingle, needsMedia } = FORMATS[format];
  const fitting = carried(format, dataset.fields).map(({ name }) => name);

  function choose(next: ExchangeFormat) {
    start.reset();
    setFormat(next);
    setFields(usual(next, dataset.fields));
  }

  function submit() {
    const chosen: Filter | undefined = {
      all: undefined,
      filter,
      selected: { field: "id", op: "in" as const, value: [...selected] },
    }[scope];
    start.mutate(
      { format, fields, media: media || needsMedia === true, ...(chosen ? { filter: chosen } : {}) },
      {
        onSuccess: () => {
          notifications.show({ message: "The export has begun.", color: "petrol" });
          onStarted();
        },
      },
    );
  }

  return (
    <Stack>
      <Select
        label="Format"
        description={says}
        inputWrapperOrder={["label", "input", "description"]}
        data={FORMAT_OPTIONS}
        value={format}
        allowDeselect={false}
        onChange={(next) => next && choose(next as ExchangeFormat)}
      />
      <Radio.Group label="Samples" value={scope} onChange={(next) => setScope(next as Scope)}>
        <Group mt={6} gap="lg">
          <Radio value="all" label={`All ${plural(dataset.sample_count, "sample")}`} />
          <Radio
            value="filter"
            disabled={!filter}
            label={
              filter && filtered !== null
                ? `Current filter (${plural(filtered, "sample")})`
                : "Current filter"
            }
          />
          <Radio value="selected" disabled={selected.size === 0} label={`Selected (${selected.size})`} />
        </Group>
      </Radio.Group>
      {isSingle ? (
        <Select
          label="Field"
          placeholder={
            fitting.length > 0 ? "Choose a field" : "This format has no place for any of the fields"
          }
          data={fitting}
          value={fields[0] ?? null}
          onChange={(next) => setFields(next ? [next] : [])}
        />
      ) : (
        <MultiSelect label="Fields" data={fitting} value={fields} onChange={setFields} clearable />
      )}
      <Switch
        label="With the images"
        checked={media || needsMedia === true}
        disabled={needsMedia}
        onChange={(event) => setMedia(event.currentTarget.checked)}
      />
      <ErrorAlert error={start.error} title="Nothing was exported" />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button onClick={submit} loading={start.isPending} disabled={isSingle && fields.length === 0}>
          Export
        </Button>
      </Group>
    </Stack>
  );
}
