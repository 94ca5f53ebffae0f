import { Loader, Text } from "@mantine/core";
import { useJobLog } from "@/api/jobs/get-job-log";
import { isMoving } from "@/api/jobs/list-jobs";
import type { Job } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { LogText } from "@/components/LogText";

/** What the job's model printed, as it prints it. */
export function JobLog({ job }: { job: Job }) {
  const { data: log, error } = useJobLog(job.id, { live: isMoving(job) });
  if (error) return <ErrorAlert error={error} />;
  if (log === undefined) return <Loader size="xs" m="xs" aria-label="Loading the log" />;
  if (!log) {
    return (
      <Text size="xs" c="dimmed" mt={4}>
        The model printed nothing.
      </Text>
    );
  }
  return <LogText label={`Log of job ${job.id}`} text={log} />;
}
