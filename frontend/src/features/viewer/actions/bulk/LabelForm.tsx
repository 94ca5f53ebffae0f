import { Autocomplete, Button, Group, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useCreateField } from "@/api/datasets/create-field";
import { faultAt } from "@/api/errors";
import { ErrorAlert } from "@/components/ErrorAlert";
import { useViewFacets } from "../../use-view-facets";
import { useView } from "../../view";
import type { FormProps } from "./BulkDialog";
import { useBulk } from "./use-bulk";

const FIRST_NAME = "ground_truth";

/** Sets one label on samples, or takes a field's labels from them. */
export function LabelForm({ samples, onClose }: FormProps) {
  const { dataset } = useView();
  const facets = useViewFacets().data;
  const fields = dataset.fields.filter(({ type }) => ["classification", "classifications"].includes(type));
  const [field, setField] = useState(fields[0]?.name ?? FIRST_NAME);
  const [label, setLabel] = useState("");
  const create = useCreateField(dataset.id);
  const { run, isPending, error } = useBulk();
  const known = fields.find(({ name }) => name === field);
  const isNew = field !== "" && !dataset.fields.some(({ name }) => name === field);
  const seen = facets?.fields[field]?.labels?.map((each) => each.label) ?? [];
  const labels = [...new Set([...(known?.classes ?? []), ...seen])];

  const clear = () =>
    run({
      request: { action: "clear_label", ...samples, field },
      done: `without ${field}`,
      onDone: onClose,
    });
  function submit(event: FormEvent) {
    event.preventDefault();
    const send = () =>
      run({
        request: { action: "set_label", ...samples, field, label: label.trim() },
        done: `labelled “${label.trim()}” in ${field}`,
        onDone: onClose,
      });
    if (isNew) create.mutate({ name: field, type: "classification" }, { onSuccess: send });
    else send();
  }

  const refusal = create.error ?? error;
  return (
    <form onSubmit={submit}>
      <Stack mt="md">
        <Autocomplete
          label="Field"
          description={isNew ? "A new field is made." : undefined}
          data={fields.map(({ name }) => name)}
          value={field}
          onChange={setField}
          openOnFocus={false}
          error={faultAt(refusal, "/field") ?? faultAt(create.error, "/name")}
        />
        <Autocomplete
          label="Label"
          placeholder="Choose or type"
          data={labels}
          limit={50}
          value={label}
          onChange={setLabel}
          openOnFocus={false}
          error={faultAt(refusal, "/label")}
          data-autofocus
        />
        <ErrorAlert
          error={refusal}
          shownElsewhere={(pointer) => ["/field", "/label", "/name"].includes(pointer)}
        />
        <Group justify="flex-end">
          <Button variant="default" disabled={!known || isPending} onClick={clear}>
            Clear labels
          </Button>
          <Button
            type="submit"
            disabled={field === "" || label.trim() === ""}
            loading={isPending || create.isPending}
          >
            Set label
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
