import { Button, Checkbox, Collapse, Select, Stack } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useDatasets } from "@/api/datasets/list-datasets";
import type { Values } from "./deploy-form";

/** The folded part of the Deploy dialog: a dataset whose samples are asked, and what may be tried on them. */
export function TuneSection({ form }: { form: UseFormReturnType<Values> }) {
  const [opened, { toggle }] = useDisclosure(false);
  const Chevron = opened ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <Button
        variant="subtle"
        size="compact-sm"
        mx={-8}
        onClick={toggle}
        aria-expanded={opened}
        leftSection={<Chevron size={15} aria-hidden />}
      >
        Tune on a dataset
      </Button>
      <Collapse expanded={opened}>{opened ? <TuneFields form={form} /> : null}</Collapse>
    </div>
  );
}

function TuneFields({ form }: { form: UseFormReturnType<Values> }) {
  const datasets = useDatasets();
  const { dataset, tune } = form.values;
  return (
    <Stack gap="sm" pt="xs">
      <Select
        label="Dataset"
        description="Some of its samples must be answered too before the deployment is ready"
        placeholder={datasets.isPending ? "Loading…" : "None"}
        data={(datasets.data ?? []).map(({ id, name }) => ({ value: String(id), label: name }))}
        clearable
        searchable
        nothingFoundMessage="No such dataset"
        {...form.getInputProps("dataset")}
      />
      <Checkbox
        label="Look for a faster plan"
        description="For packages without code: on up to 256 samples, for about a minute. What is kept answers as the plain network does, within a tolerance that is shown."
        disabled={dataset === null}
        {...form.getInputProps("tune", { type: "checkbox" })}
      />
      <Checkbox
        label="Allow bfloat16"
        description="Rounds more, and is nearly twice as fast on many processors"
        disabled={dataset === null || !tune}
        {...form.getInputProps("allow_bf16", { type: "checkbox" })}
      />
    </Stack>
  );
}
