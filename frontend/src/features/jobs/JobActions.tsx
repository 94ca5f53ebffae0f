import { Button, Group, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { messageOf } from "@/api/errors";
import { type JobAction, useActOnJob } from "@/api/jobs/act-on-job";
import type { Job } from "@/api/types";
import { retryLabel } from "./job-words";

interface Words {
  action: JobAction;
  label: string | ((job: Job) => string);
  /** What has to be agreed to first: the question, what follows, and the two answers. */
  ask?: { title: string; says: (title: string) => string; yes: string; no: string };
}

const ACTIONS: Words[] = [
  { action: "pause", label: "Pause" },
  { action: "resume", label: "Resume" },
  { action: "retry", label: retryLabel },
  {
    action: "undo",
    label: "Undo",
    ask: {
      title: "Undo this job?",
      says: (title) =>
        `Everything that ${title} wrote is taken back, and what it replaced stands again. What people or later jobs have changed since stays.`,
      yes: "Undo the job",
      no: "Keep its values",
    },
  },
  {
    action: "cancel",
    label: "Cancel",
    ask: {
      title: "Cancel this job?",
      says: (title) =>
        `${title} stops. The values written so far stay; the samples left keep what they have.`,
      yes: "Cancel the job",
      no: "Let it run",
    },
  },
];

/** What the person who looks may do with a job now. */
export function JobActions({ job, title }: { job: Job; title: string }) {
  const act = useActOnJob(job.id);
  const run = (action: JobAction) =>
    act.mutate(action, {
      onError: (error) => notifications.show({ color: "red", message: messageOf(error) }),
    });

  function press({ action, ask }: Words) {
    if (!ask) return run(action);
    modals.openConfirmModal({
      title: ask.title,
      children: <Text>{ask.says(title)}</Text>,
      labels: { confirm: ask.yes, cancel: ask.no },
      confirmProps: { color: "red" },
      onConfirm: () => run(action),
    });
  }

  const offered = ACTIONS.filter(({ action }) => job.can.includes(action));
  return (
    <Group gap={2} wrap="nowrap">
      {offered.map((words) => (
        <Button
          key={words.action}
          size="compact-xs"
          variant="subtle"
          color="gray"
          loading={act.isPending && act.variables === words.action}
          disabled={act.isPending && act.variables !== words.action}
          onClick={() => press(words)}
        >
          {typeof words.label === "string" ? words.label : words.label(job)}
        </Button>
      ))}
    </Group>
  );
}
