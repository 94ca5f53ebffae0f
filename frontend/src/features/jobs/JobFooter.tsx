import { Button, Collapse, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMe } from "@/api/me/get-me";
import type { Job } from "@/api/types";
import { Ago } from "@/components/Ago";
import { DryRunButton } from "./DryRunButton";
import { Elapsed } from "./Elapsed";
import { JobActions } from "./JobActions";
import { JobLog } from "./JobLog";
import { isReadInFull } from "./job-words";
import { KeepsakeLink } from "./KeepsakeLink";

/** Whose job it is and since when, what can be done with it, and what its model printed. */
export function JobFooter({ job, title }: { job: Job; title: string }) {
  const [opened, { toggle }] = useDisclosure(false);
  const { data: me } = useMe();
  const isInFull = job.kind === "inference" && isReadInFull(job, me);
  const id = `log-of-${job.id}`;
  return (
    <>
      <Group justify="space-between" mt={6} gap="xs">
        <Text size="xs" c="dimmed">
          #{job.id} · {job.owner} · <Ago iso={job.created_at} />
          <Elapsed job={job} />
        </Text>
        <Group gap={2} ml={-8}>
          <JobActions job={job} title={title} />
          <KeepsakeLink job={job} />
          {isInFull && job.dry_run !== null ? <DryRunButton job={job} /> : null}
          {isInFull && job.started_at !== null ? (
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              onClick={toggle}
              aria-expanded={opened}
              aria-controls={id}
            >
              Log
            </Button>
          ) : null}
        </Group>
      </Group>
      <Collapse expanded={opened} id={id}>
        {opened ? <JobLog job={job} /> : null}
      </Collapse>
    </>
  );
}
