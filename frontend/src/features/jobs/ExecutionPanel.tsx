import { Skeleton, Stack } from "@mantine/core";
import { IconBriefcase2 } from "@tabler/icons-react";
import { useDatasetJobs } from "@/api/jobs/list-jobs";
import { EmptyState } from "@/components/EmptyState";
import { ErrorAlert } from "@/components/ErrorAlert";
import { JobCard } from "./JobCard";

interface Props {
  dataset: number;
  onOpenSample: (sample: number) => void;
}

/** Every job of the dataset, newest first, live. */
export function ExecutionPanel({ dataset, onOpenSample }: Props) {
  const { data: jobs, error, isPending, refetch } = useDatasetJobs(dataset);
  if (error && !jobs) return <ErrorAlert error={error} onRetry={refetch} />;
  if (isPending) return <Skeleton height={120} m="md" w="auto" aria-label="Loading jobs" />;
  if (jobs.length === 0) {
    return (
      <EmptyState
        icon={IconBriefcase2}
        title="Nothing has run yet"
        text="Press the suitcase above the grid to run a model over the samples. Its progress shows here."
      />
    );
  }
  return (
    <Stack gap="sm" p="sm" component="ol" m={0} style={{ listStyle: "none" }} aria-label="Jobs, newest first">
      {jobs.map((job) => (
        <JobCard key={job.id} job={job} onOpenSample={onOpenSample} />
      ))}
    </Stack>
  );
}
