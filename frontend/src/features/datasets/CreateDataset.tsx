import { Button, Group, Modal, Stack } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useCreateDataset } from "@/api/datasets/create-dataset";
import { DatasetInputs, isDatasetInput, useDatasetForm } from "@/components/dataset/DatasetInputs";
import { ErrorAlert } from "@/components/ErrorAlert";

interface Props {
  opened: boolean;
  onClose: () => void;
}

export function CreateDataset({ opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="New dataset">
      <CreateForm onClose={onClose} />
    </Modal>
  );
}

function CreateForm({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const create = useCreateDataset();
  const form = useDatasetForm({ name: "", description: "", tags: [] });

  const submit = form.onSubmit(async (values) => {
    const dataset = await create.mutateAsync({ ...values, name: values.name.trim() }).catch(() => null);
    if (!dataset) return;
    onClose();
    await navigate({ to: "/datasets/$datasetId", params: { datasetId: dataset.id } });
  });

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <DatasetInputs form={form} error={create.error} />
        <ErrorAlert error={create.error} shownElsewhere={isDatasetInput} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create dataset
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
