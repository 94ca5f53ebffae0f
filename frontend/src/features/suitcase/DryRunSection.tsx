import { Button, Group, Progress, Stack, Tabs, Text, Title } from "@mantine/core";
import { useCallback, useEffect, useRef } from "react";
import { useDeployments } from "@/api/deployments/list-deployments";
import { DryRunResults } from "@/components/dry-run/DryRunResults";
import { stageOf } from "@/components/dry-run/stages";
import { Since } from "@/components/Since";
import type { Entry } from "./entry";
import classes from "./suitcase.module.css";
import type { DryRun } from "./use-dry-run";

interface Props {
  dryRun: DryRun;
  /** Whether the settings above are no longer those that were tried. */
  isStale: boolean;
}

/** How the dry run goes and what the models said, under the settings that it tried. */
export function DryRunSection({ dryRun, isStale }: Props) {
  const { jobs, entries, isRunning } = dryRun;
  const section = useRef<HTMLDivElement>(null);
  const [first] = jobs;
  const shown = first?.id;
  // The button that was pressed is off meanwhile: the keyboard goes on from what it started.
  useEffect(() => {
    if (shown === undefined) return;
    section.current?.focus({ preventScroll: true });
    section.current?.scrollIntoView({ block: "nearest" });
  }, [shown]);
  // The first outputs come into sight, unless the person has gone on to something else.
  const onShown = useCallback(() => {
    if (section.current?.contains(document.activeElement)) section.current.scrollIntoView({ block: "start" });
  }, []);
  const { data: deployments = [] } = useDeployments();
  if (!first) return null;
  const states = deployments.filter(({ id }) => jobs.some((job) => job.deployment === id));
  const stage = stageOf(
    jobs,
    states.map(({ state }) => state),
  );
  return (
    <Stack
      ref={section}
      role="region"
      tabIndex={-1}
      gap="xs"
      className={classes.dryRun}
      aria-labelledby="dry-run-title"
    >
      <Group justify="space-between" wrap="nowrap">
        <Title order={3} size="h4" id="dry-run-title">
          Dry run
        </Title>
        {isRunning ? (
          <Button
            size="compact-sm"
            variant="default"
            loading={dryRun.isCancelling}
            onClick={dryRun.cancel}
            aria-label="Stop the dry run"
          >
            Stop
          </Button>
        ) : null}
      </Group>
      <Text size="sm" role="status" className="tabular">
        {stage.text}
        {isRunning && stage.share === null ? " …" : ""}
        {isRunning ? (
          <Text span inherit c="dimmed">
            {" "}
            · <Since iso={first.created_at} />
          </Text>
        ) : null}
        {!isRunning ? (
          <Text span inherit c="dimmed">
            . No field was written.
          </Text>
        ) : null}
      </Text>
      {isRunning ? (
        <Progress
          value={(stage.share ?? 1) * 100}
          size={5}
          animated={stage.share === null}
          striped={stage.share === null}
          aria-label="Progress of the dry run"
        />
      ) : null}
      {isStale && !isRunning ? (
        <Text size="sm" c="var(--mantine-color-yellow-light-color)">
          The settings above have changed since; try again to see what they give.
        </Text>
      ) : null}
      <Outputs entries={entries} dryRun={dryRun} onShown={onShown} />
    </Stack>
  );
}

interface OutputsProps {
  entries: Entry[];
  dryRun: DryRun;
  onShown: () => void;
}

function Outputs({ entries, dryRun: { jobs }, onShown }: OutputsProps) {
  const shown = entries.flatMap((entry, index) => {
    const job = jobs[index];
    return job ? [{ entry, job }] : [];
  });
  const [first] = shown;
  if (!first) return null;
  const results = ({ entry, job }: typeof first) => (
    <DryRunResults
      key={job.id}
      job={job}
      onShown={onShown}
      types={Object.fromEntries(entry.outputs.map(({ output, type }) => [output, type]))}
    />
  );
  if (shown.length === 1) return results(first);
  return (
    <Tabs defaultValue={first.entry.key} key={first.job.id} keepMounted={false}>
      <Tabs.List mb="sm" aria-label="Models that were tried">
        {shown.map(({ entry, job }) => (
          <Tabs.Tab key={entry.key} value={entry.key}>
            <Text inherit truncate maw={300} title={`${entry.model.name} ${entry.deployment.version}`}>
              {entry.model.name} {entry.deployment.version}
              {job.failed > 0 ? ` · ${job.failed} failed` : ""}
            </Text>
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {shown.map((each) => (
        <Tabs.Panel key={each.entry.key} value={each.entry.key}>
          {results(each)}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
