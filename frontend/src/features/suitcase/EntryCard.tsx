import { ActionIcon, Card, Group, Select, Stack, Text, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { Field, OnExisting } from "@/api/types";
import type { Entry, InputPlan, OutputPlan } from "./entry";
import { InputRow } from "./InputRow";
import { OutputRow } from "./OutputRow";

const ON_EXISTING: { value: OnExisting; label: string; says: string }[] = [
  { value: "fail", label: "Stop", says: "If the field holds any value, nothing is run." },
  { value: "skip", label: "Skip", says: "Samples that have a value keep it and are not run." },
  {
    value: "replace",
    label: "Replace",
    says: "A model's or an import's value is replaced; what a person set is always kept.",
  },
];

interface Props {
  entry: Entry;
  fields: Field[];
  /** The message for a place within the entry ("/outputs/predictions"), if something is wrong there. */
  problemAt: (place: string) => string | undefined;
  onChange: (entry: Entry) => void;
  onRemove: () => void;
}

export function EntryCard({ entry, fields, problemAt, onChange, onRemove }: Props) {
  const name = `${entry.model.name} ${entry.deployment.version}`;
  const changeOutput = (next: OutputPlan) =>
    onChange({ ...entry, outputs: entry.outputs.map((plan) => (plan.output === next.output ? next : plan)) });
  const changeInput = (next: InputPlan) =>
    onChange({ ...entry, inputs: entry.inputs.map((plan) => (plan.input === next.input ? next : plan)) });
  const whole = problemAt("/outputs") ?? problemAt("/deployment");
  return (
    <Card withBorder padding="sm" component="section" aria-label={name}>
      <Group justify="space-between" wrap="nowrap" mb={6}>
        <div>
          <Text fw={600}>{name}</Text>
          <Text size="xs" c="dimmed">
            Deployment {entry.deployment.name}
          </Text>
        </div>
        <Tooltip label="Remove from the suitcase">
          <ActionIcon aria-label={`Remove ${name}`} onClick={onRemove}>
            <IconTrash size={17} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </Group>
      <Stack gap={6}>
        {entry.inputs.map((plan) => (
          <InputRow
            key={plan.input}
            plan={plan}
            fields={fields}
            problem={problemAt(`/inputs/${plan.input}`)}
            onChange={changeInput}
          />
        ))}
        {entry.outputs.map((plan) => (
          <OutputRow
            key={plan.output}
            plan={plan}
            fields={fields}
            problem={problemAt(`/outputs/${plan.output}`)}
            onChange={changeOutput}
          />
        ))}
        {whole ? (
          <Text size="sm" c="red" role="alert">
            {whole}
          </Text>
        ) : null}
        <Group gap="sm" align="center" wrap="nowrap" mt={4}>
          <Text size="sm" w={150} style={{ flex: "none" }}>
            Where a value exists
          </Text>
          <Select
            aria-label="Where a value exists"
            data={ON_EXISTING}
            value={entry.onExisting}
            onChange={(next) => next && onChange({ ...entry, onExisting: next as OnExisting })}
            allowDeselect={false}
            w={120}
            style={{ flex: "none" }}
          />
          <Text size="xs" c="dimmed">
            {ON_EXISTING.find(({ value }) => value === entry.onExisting)?.says}
          </Text>
        </Group>
      </Stack>
    </Card>
  );
}
