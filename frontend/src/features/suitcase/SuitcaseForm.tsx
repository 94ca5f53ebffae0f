import { Button, Divider, Group, Stack, Text, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { ApiError } from "@/api/errors";
import { useSubmitJobs } from "@/api/jobs/submit-jobs";
import type { Dataset, JobRequest } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import type { Filter } from "@/lib/filter";
import { plural } from "@/lib/format";
import { randomKey, useKeyFor } from "@/lib/idempotency";
import { AddModel } from "./AddModel";
import { DryRunSection } from "./DryRunSection";
import { EntryCard } from "./EntryCard";
import { type Entry, newEntry, type Problem, problemsOf, toRequest } from "./entry";
import { type Scope, ScopePicker } from "./ScopePicker";
import classes from "./suitcase.module.css";
import { DRY_RUN, useDryRun } from "./use-dry-run";

export interface SuitcaseProps {
  dataset: Dataset;
  filter: Filter | undefined;
  /** Samples under the filter; null while unknown. */
  filtered: number | null;
  selected: ReadonlySet<number>;
  onClose: () => void;
  onSubmitted: () => void;
}

export function SuitcaseForm({ dataset, filter, filtered, selected, onClose, onSubmitted }: SuitcaseProps) {
  const [scope, setScope] = useState<Scope>(selected.size > 0 ? "selected" : filter ? "filter" : "all");
  const [entries, setEntries] = useState<Entry[]>([]);
  const [pressed, setPressed] = useState(false);
  const keyFor = useKeyFor();
  const submit = useSubmitJobs();
  const dryRun = useDryRun();

  const problems = problemsOf(entries, dataset.fields);
  const error = submit.error ?? dryRun.error;
  const refusals: Problem[] = error instanceof ApiError ? error.details : [];
  const at = (pointer: string) =>
    [...problems, ...refusals].find((each) => each.pointer === pointer)?.message;
  const chosen = { all: dataset.sample_count, filter: filtered, selected: selected.size }[scope];
  const tried = Math.min(DRY_RUN, chosen ?? DRY_RUN);
  const forgive = () => {
    submit.reset();
    dryRun.forgive();
  };
  const change = (next: (entries: Entry[]) => Entry[]) => {
    forgive();
    setEntries(next);
  };
  const request = problems.length > 0 ? null : requestOf(dataset.id, entries, scope, filter, selected);

  function attempt() {
    setPressed(true);
    submit.reset();
    if (request) dryRun.start(request, entries, tried);
  }

  function send() {
    setPressed(true);
    dryRun.forgive();
    if (!request) return;
    submit.mutate(
      { request, key: keyFor(request) },
      {
        onSuccess: ({ jobs }) => {
          notifications.show({ message: `${plural(jobs.length, "job")} started.`, color: "petrol" });
          onSubmitted();
        },
      },
    );
  }

  const mayPress = entries.length > 0 && !(pressed && problems.length > 0);
  return (
    <Stack>
      <ScopePicker
        scope={scope}
        onScope={(next) => {
          forgive();
          setScope(next);
        }}
        total={dataset.sample_count}
        filtered={filter ? filtered : undefined}
        selected={selected.size}
      />
      <Divider />
      <AddModel
        onAdd={({ model, deployment, schema }) =>
          change((now) => [
            ...now,
            newEntry(randomKey(), model, deployment, schema, { fields: dataset.fields, others: now }),
          ])
        }
      />
      {entries.map((entry, index) => (
        <EntryCard
          key={entry.key}
          entry={entry}
          fields={dataset.fields}
          problemAt={(place) => at(`/entries/${index}${place}`)}
          onChange={(next) => change((now) => now.map((old) => (old.key === entry.key ? next : old)))}
          onRemove={() => change((now) => now.filter(({ key }) => key !== entry.key))}
        />
      ))}
      {error ? (
        <ErrorAlert
          error={error}
          title="Nothing was started"
          shownElsewhere={(pointer) => /^\/entries\/\d+\/(outputs|inputs\/|deployment$)/.test(pointer)}
        />
      ) : null}
      <DryRunSection dryRun={dryRun} isStale={request !== null && dryRun.differsFrom(request)} />
      <Group justify="flex-end" className={classes.decide}>
        {entries.length === 0 ? (
          <Text size="sm" c="dimmed" mr="auto">
            Choose a model and press Add; more than one may run at once.
          </Text>
        ) : null}
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Tooltip label="Shows the outputs of some samples and writes no field">
          <Button
            variant="light"
            onClick={attempt}
            loading={dryRun.isStarting || dryRun.isRunning}
            disabled={!mayPress || chosen === 0}
          >
            Try on {plural(tried, "sample")}
          </Button>
        </Tooltip>
        <Button onClick={send} loading={submit.isPending} disabled={!mayPress}>
          Submit
        </Button>
      </Group>
    </Stack>
  );
}

function requestOf(
  dataset: number,
  entries: Entry[],
  scope: Scope,
  filter: Filter | undefined,
  selected: ReadonlySet<number>,
): JobRequest {
  return {
    dataset,
    ...(scope === "filter" && filter ? { filter } : {}),
    ...(scope === "selected" ? { samples: [...selected] } : {}),
    entries: entries.map(toRequest),
  };
}
