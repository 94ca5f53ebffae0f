import { Button, Collapse, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { Job } from "@/api/types";
import { count } from "@/lib/format";
import { JobErrors } from "./JobErrors";

interface Props {
  job: Job;
  onOpenSample: (sample: number) => void;
}

/** What did not become a value: failed samples with their reasons on demand, skipped and cancelled ones. */
export function JobCounts({ job, onOpenSample }: Props) {
  const [opened, { toggle }] = useDisclosure(false);
  if (job.failed + job.skipped + job.cancelled === 0) return null;
  const id = `errors-of-${job.id}`;
  return (
    <>
      <Group gap="sm" mt={6}>
        {job.failed > 0 ? (
          <Button
            size="compact-xs"
            variant="light"
            color="red"
            onClick={toggle}
            aria-expanded={opened}
            aria-controls={id}
          >
            {count(job.failed)} failed
          </Button>
        ) : null}
        {job.skipped > 0 ? (
          <Text size="xs" c="dimmed" title="They had a value that this job was to keep">
            {count(job.skipped)} skipped
          </Text>
        ) : null}
        {job.cancelled > 0 ? (
          <Text size="xs" c="dimmed" title="The job ended before it came to them">
            {count(job.cancelled)} cancelled
          </Text>
        ) : null}
      </Group>
      <Collapse expanded={opened} id={id}>
        {opened && job.failed > 0 ? <JobErrors job={job} onOpenSample={onOpenSample} /> : null}
      </Collapse>
    </>
  );
}
