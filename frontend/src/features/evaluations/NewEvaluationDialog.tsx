import { Alert, Button, Group, Modal, NumberInput, Radio, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { faultAt } from "@/api/errors";
import { useCreateEvaluation } from "@/api/evaluations/create-evaluation";
import type { Dataset } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import type { Filter } from "@/lib/filter";
import { plural } from "@/lib/format";
import classes from "./evaluations.module.css";
import { comparable, fitting, kindOf, likelyPredictions, likelyTruth } from "./fitting";

interface Props {
  dataset: Dataset;
  filter: Filter | undefined;
  opened: boolean;
  onClose: () => void;
  onMade: (id: number) => void;
}

const AT_INPUTS = ["/predictions", "/ground_truth", "/iou_threshold"];

export function NewEvaluationDialog({ opened, onClose, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="New evaluation">
      {opened ? <NewEvaluationForm onClose={onClose} {...rest} /> : null}
    </Modal>
  );
}

function NewEvaluationForm({ dataset, filter, onClose, onMade }: Omit<Props, "opened">) {
  const create = useCreateEvaluation(dataset.id);
  const choices = comparable(dataset.fields);
  const [predictions, setPredictions] = useState(likelyPredictions(choices)?.name ?? null);
  const [chosenTruth, setTruth] = useState<string | null>(null);
  const [scope, setScope] = useState(filter ? "filter" : "all");
  const [threshold, setThreshold] = useState<string | number>(0.5);

  const field = choices.find(({ name }) => name === predictions);
  const truths = fitting(dataset.fields, field);
  const truth = truths.find(({ name }) => name === chosenTruth) ?? likelyTruth(truths);
  const at = (pointer: string) => faultAt(create.error, pointer);
  const takesThreshold = field !== undefined && kindOf(field) === "detections";

  if (choices.length === 0) {
    return (
      <Alert color="gray" title="Nothing to compare yet">
        An evaluation compares two fields of one type: labels, lists of labels, boxes, masks or numbers. Run a
        model on this dataset, and its output can be compared with the ground truth.
      </Alert>
    );
  }

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!predictions || !truth) return;
        create.mutate(
          {
            predictions,
            ground_truth: truth.name,
            ...(scope === "filter" && filter ? { filter } : {}),
            ...(takesThreshold ? { iou_threshold: Number(threshold) } : {}),
          },
          { onSuccess: ({ id }) => onMade(id) },
        );
      }}
    >
      <Stack>
        <Select
          label="Predictions"
          required
          data-autofocus
          allowDeselect={false}
          searchable
          data={choices.map(({ name, type }) => ({ value: name, label: `${name} (${type})` }))}
          value={predictions}
          onChange={setPredictions}
          error={at("/predictions")}
        />
        <Select
          label="Ground truth"
          description="Fields that fit the predictions"
          required
          allowDeselect={false}
          searchable
          data={truths.map(({ name, type }) => ({ value: name, label: `${name} (${type})` }))}
          value={truth?.name ?? null}
          onChange={setTruth}
          error={at("/ground_truth")}
        />
        <Radio.Group label="Samples" value={scope} onChange={setScope}>
          <Stack gap="xs" mt={6}>
            <Radio value="all" label={`All ${plural(dataset.sample_count, "sample")}`} />
            <Radio
              value="filter"
              disabled={!filter}
              label="Those of the present filter"
              description={filter ? null : "Filter the dataset’s view first, then come here from it."}
            />
          </Stack>
        </Radio.Group>
        {filter && scope === "filter" ? (
          <Text c="dimmed" className={classes.filter} title={JSON.stringify(filter)}>
            {JSON.stringify(filter)}
          </Text>
        ) : null}
        {takesThreshold ? (
          <NumberInput
            label="IoU threshold"
            description="How much a predicted and a true box have to overlap to be one"
            min={0.05}
            max={1}
            step={0.05}
            decimalScale={2}
            value={threshold}
            onChange={setThreshold}
            error={at("/iou_threshold")}
          />
        ) : null}
        <ErrorAlert error={create.error} shownElsewhere={(pointer) => AT_INPUTS.includes(pointer)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending} disabled={!predictions || !truth}>
            Evaluate
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
