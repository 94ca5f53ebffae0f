import { Alert, Skeleton, Stack, Text } from "@mantine/core";
import { useEffect } from "react";
import { useJobLog } from "@/api/jobs/get-job-log";
import { usePreview } from "@/api/jobs/get-preview";
import { isFinal } from "@/api/jobs/list-jobs";
import type { FieldType, Job } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { LogText } from "@/components/LogText";
import classes from "./dry-run.module.css";
import { SampleOutputs } from "./SampleOutputs";
import { endOf } from "./stages";

interface Props {
  job: Job;
  /** The type of each output of the model. */
  types: Record<string, FieldType>;
  /** Called when the first outputs stand there. */
  onShown?: () => void;
}

/** What a dry run's model said about each sample, as it comes; of a model that could not run, why. */
export function DryRunResults({ job, types, onShown }: Props) {
  const { data: previews, error, isPending, isPlaceholderData } = usePreview(job);
  const isShown = (previews?.length ?? 0) > 0;
  useEffect(() => {
    if (isShown) onShown?.();
  }, [isShown, onShown]);
  if (error) return <ErrorAlert error={error} />;
  // At its end the answers of before are not yet all.
  if (isPending || (isPlaceholderData && previews.length === 0 && isFinal(job)))
    return <Skeleton height={120} aria-label="Loading outputs" />;
  return (
    <Stack gap="sm">
      {job.state === "failed" ? <CouldNotRun job={job} /> : null}
      {previews.length > 0 ? (
        <ul className={classes.samples} aria-label="Outputs per sample">
          {previews.map((preview) => (
            <SampleOutputs key={preview.sample} dataset={job.dataset} preview={preview} types={types} />
          ))}
        </ul>
      ) : null}
      {previews.length === 0 && isFinal(job) && job.state !== "failed" ? (
        <Text c="dimmed">It has no outputs.</Text>
      ) : null}
    </Stack>
  );
}

function CouldNotRun({ job }: { job: Job }) {
  const { data: log = "" } = useJobLog(job.id, { live: false });
  return (
    <Alert color="red" variant="light" role="alert" title="The model could not be run">
      <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
        {job.error?.message || job.reason.replaceAll("_", " ")}
      </Text>
      {log ? <LogText label="The end of the model's output" text={endOf(log)} /> : null}
    </Alert>
  );
}
