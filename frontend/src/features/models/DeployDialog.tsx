import { Button, Checkbox, Group, Modal, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useCreateDeployment } from "@/api/deployments/create-deployment";
import { faultAt } from "@/api/errors";
import type { Model } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { bodyOf, FIELDS, initialValues, type Values, validate, versionChoices } from "./deploy-form";
import { TuneSection } from "./TuneSection";

interface Props {
  model: Model;
  opened: boolean;
  onClose: () => void;
}

export function DeployDialog({ model, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Deploy ${model.name}`}>
      {opened ? <DeployForm model={model} onClose={onClose} /> : null}
    </Modal>
  );
}

function DeployForm({ model, onClose }: Omit<Props, "opened">) {
  const create = useCreateDeployment();
  const form = useForm<Values>({ initialValues: initialValues(model), validate });

  const submit = form.onSubmit((values) =>
    create.mutate(
      { ...bodyOf(values), model: model.id },
      {
        onSuccess: (deployment) => {
          notifications.show({
            title: `${deployment.name} is on its way`,
            message: "It is ready once a replica has loaded the model and answered.",
          });
          onClose();
        },
        onError: (error) => {
          for (const field of FIELDS) form.setFieldError(field, faultAt(error, `/${field}`));
        },
      },
    ),
  );

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label="Deploy Name"
          required
          data-autofocus
          maxLength={100}
          {...form.getInputProps("name")}
        />
        <Group grow align="flex-start">
          <Select
            label="Model Type"
            required
            allowDeselect={false}
            data={[{ value: "inference", label: "Inference" }]}
            {...form.getInputProps("model_type")}
          />
          <Select
            label="Version"
            required
            allowDeselect={false}
            data={versionChoices(model)}
            {...form.getInputProps("version")}
          />
        </Group>
        <Group grow align="flex-start">
          <NumberInput
            label="Mini Batch"
            description="Samples per call"
            required
            min={1}
            max={4096}
            allowDecimal={false}
            {...form.getInputProps("mini_batch")}
          />
          <NumberInput
            label="Num Replicas"
            description="Copies side by side"
            required
            min={1}
            max={64}
            allowDecimal={false}
            {...form.getInputProps("num_replicas")}
          />
          <Select
            label="Num gpus"
            description="Per replica"
            required
            allowDeselect={false}
            data={["0", "1"]}
            {...form.getInputProps("num_gpus")}
          />
        </Group>
        <Checkbox
          label="Install Custom Conda Env"
          description="Environment: built from the package’s environment.yml, or its requirements.txt. Without it, the model runs with what the host has installed."
          {...form.getInputProps("custom_environment", { type: "checkbox" })}
        />
        <TuneSection form={form} />
        <ErrorAlert
          error={create.error}
          shownElsewhere={(pointer) => FIELDS.some((field) => pointer === `/${field}`)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Deploy
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
