import { Button, Group, Modal, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { faultUnder } from "@/api/errors";
import { useCreateModel } from "@/api/models/create-model";
import type { Model } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";

interface Props {
  opened: boolean;
  onClose: () => void;
  onCreated: (model: Model) => void;
}

export function CreateModelDialog({ opened, onClose, onCreated }: Props) {
  const create = useCreateModel();
  const form = useForm({
    initialValues: { name: "", description: "", tags: [] as string[] },
    validate: { name: (name) => (name.trim() ? null : "A model needs a name.") },
  });

  function close() {
    form.reset();
    create.reset();
    onClose();
  }

  const submit = form.onSubmit((values) =>
    create.mutate(
      { ...values, name: values.name.trim() },
      {
        onSuccess: (model) => {
          close();
          onCreated(model);
        },
        onError: (error) => {
          for (const field of ["name", "description", "tags"]) {
            const message = faultUnder(error, `/${field}`);
            if (message) form.setFieldError(field, message);
          }
        },
      },
    ),
  );

  return (
    <Modal opened={opened} onClose={close} title="Create Model">
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label="Name"
            description="Unique; the names of fields are made from it"
            placeholder="digits-cnn"
            required
            data-autofocus
            maxLength={100}
            {...form.getInputProps("name")}
          />
          <Textarea
            label="Description"
            autosize
            minRows={2}
            maxRows={8}
            {...form.getInputProps("description")}
          />
          <TagsInput label="Tags" placeholder="Enter adds one" {...form.getInputProps("tags")} />
          <ErrorAlert
            error={create.error}
            shownElsewhere={(pointer) => /^\/(name|description|tags)(\/|$)/.test(pointer)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending}>
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
