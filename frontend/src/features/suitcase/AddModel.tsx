import { Button, Group, Select, Skeleton, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useDeployments } from "@/api/deployments/list-deployments";
import { useModels } from "@/api/models/list-models";
import { ErrorAlert } from "@/components/ErrorAlert";
import { AnchorLink } from "@/components/links";
import { asOptions, type Choice, deploymentLabel, runnable } from "./choices";

/** The models that are ready to run, and the button that puts one into the suitcase. */
export function AddModel({ onAdd }: { onAdd: (choice: Choice) => void }) {
  const models = useModels();
  const deployments = useDeployments();
  const choices = useMemo(
    () => runnable(models.data ?? [], deployments.data ?? []),
    [models.data, deployments.data],
  );
  const [picked, setPicked] = useState<string | null>(null);
  const error = models.error ?? deployments.error;
  if (error) return <ErrorAlert error={error} />;
  if (models.isPending || deployments.isPending) return <Skeleton height={58} aria-label="Loading models" />;
  if (choices.length === 0) {
    return (
      <Text c="dimmed">
        No model is ready to run. <AnchorLink to="/models">Upload and deploy one</AnchorLink>, or ask for the
        right to run it.
      </Text>
    );
  }
  const choice = choices.find(({ deployment }) => String(deployment.id) === picked);
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <Select
        label="Model"
        placeholder="Choose a model that is ready"
        data={asOptions(choices)}
        value={picked}
        onChange={setPicked}
        searchable
        nothingFoundMessage="No ready model of that name"
        flex={1}
      />
      <Button
        leftSection={<IconPlus size={16} />}
        variant="light"
        disabled={!choice}
        onClick={() => {
          if (!choice) return;
          const name = deploymentLabel(choice, choices);
          onAdd({ ...choice, deployment: { ...choice.deployment, name } });
          setPicked(null);
        }}
      >
        Add
      </Button>
    </Group>
  );
}
