import { Button, Loader, Stack, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { useJobErrors } from "@/api/jobs/list-job-errors";
import { useJobReasons } from "@/api/jobs/list-job-reasons";
import type { Job } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { count } from "@/lib/format";
import { reasonInWords } from "@/lib/reasons";
import classes from "./jobs.module.css";

interface Props {
  job: Job;
  onOpenSample: (sample: number) => void;
}

/** The samples a job has no value for: how many for which reason, and each with its own; each opens. */
export function JobErrors({ job, onOpenSample }: Props) {
  const [reason, setReason] = useState<string | null>(null);
  const { data: reasons, error } = useJobReasons(job);
  if (error) return <ErrorAlert error={error} />;
  if (!reasons) return <Loader size="xs" m="xs" aria-label="Loading errors" />;
  // One that no sample has any more, after a retry, filters nothing.
  const chosen = reasons.some((each) => each.reason === reason) ? reason : null;
  return (
    <Stack gap={0} className={classes.errors}>
      <ul
        className={`${classes.list} ${classes.divided} ${classes.reasons}`}
        aria-label={`Reasons of job ${job.id}`}
      >
        {reasons.map((each) => (
          <li key={each.reason}>
            <UnstyledButton
              className={classes.reason}
              aria-pressed={chosen === each.reason}
              onClick={() => setReason(chosen === each.reason ? null : each.reason)}
            >
              <span>{reasonInWords(each.reason)}</span>
              <span className="tabular">{count(each.count)}</span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <Samples job={job} reason={chosen} onOpenSample={onOpenSample} />
    </Stack>
  );
}

function Samples({ job, reason, onOpenSample }: Props & { reason: string | null }) {
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useJobErrors(
    job,
    reason,
  );
  if (error) return <ErrorAlert error={error} />;
  if (isPending) return <Loader size="xs" m="xs" aria-label="Loading errors" />;
  return (
    <div className={classes.failures}>
      <ul className={`${classes.list} ${classes.divided}`} aria-label={`Errors of job ${job.id}`}>
        {data.pages
          .flatMap((page) => page.results)
          .map((failure) => (
            <li key={failure.sample}>
              <UnstyledButton
                className={classes.error}
                onClick={() => onOpenSample(failure.sample)}
                title="Open the sample"
              >
                <Text size="sm" fw={550} truncate>
                  {failure.name}
                </Text>
                <Text size="xs" c="dimmed" lineClamp={4} style={{ overflowWrap: "anywhere" }}>
                  {failure.message || reasonInWords(failure.reason)}
                </Text>
              </UnstyledButton>
            </li>
          ))}
      </ul>
      {hasNextPage ? (
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => fetchNextPage()}
          loading={isFetchingNextPage}
          fullWidth
        >
          More
        </Button>
      ) : null}
    </div>
  );
}
