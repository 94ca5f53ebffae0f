import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useUpdateDataset } from "@/api/datasets/update-dataset";
import type { Dataset } from "@/api/types";
import { DatasetInputs, isDatasetInput, useDatasetForm } from "@/components/dataset/DatasetInputs";
import { ErrorAlert } from "@/components/ErrorAlert";
import { Tags } from "@/components/Tags";
import { dateTime } from "@/lib/format";

interface Props {
  dataset: Dataset;
  mayEdit: boolean;
  opened: boolean;
  onClose: () => void;
}

/** Name, description and tags in full; who may edit the dataset changes them here. */
export function DatasetDetails({ dataset, mayEdit, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={mayEdit ? "Edit dataset" : "About this dataset"}>
      {mayEdit ? <EditForm dataset={dataset} onClose={onClose} /> : <About dataset={dataset} />}
    </Modal>
  );
}

function EditForm({ dataset, onClose }: { dataset: Dataset; onClose: () => void }) {
  const update = useUpdateDataset(dataset.id);
  const { name, description, tags } = dataset;
  const form = useDatasetForm({ name, description, tags });
  const submit = form.onSubmit((values) =>
    update.mutate({ ...values, name: values.name.trim() }, { onSuccess: onClose }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <DatasetInputs form={form} error={update.error} />
        <ErrorAlert error={update.error} shownElsewhere={isDatasetInput} />
        <Facts dataset={dataset} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={update.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function About({ dataset }: { dataset: Dataset }) {
  return (
    <Stack>
      <Text fw={600} style={{ overflowWrap: "anywhere" }}>
        {dataset.name}
      </Text>
      <Text
        c={dataset.description ? undefined : "dimmed"}
        style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
      >
        {dataset.description || "No description"}
      </Text>
      <Tags tags={dataset.tags} />
      <Facts dataset={dataset} />
    </Stack>
  );
}

function Facts({ dataset }: { dataset: Dataset }) {
  return (
    <Text size="sm" c="dimmed">
      Owner {dataset.owner} · created {dateTime(dataset.created_at)}
    </Text>
  );
}
