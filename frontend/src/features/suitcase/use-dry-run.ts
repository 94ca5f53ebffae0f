/** The dry run of what lies in the suitcase: started, followed, cancelled, and told apart from later settings. */

import { useState } from "react";
import { useCancelJobs } from "@/api/jobs/act-on-job";
import { useFollowedJobs } from "@/api/jobs/follow-jobs";
import { isFinal } from "@/api/jobs/list-jobs";
import { useSubmitJobs } from "@/api/jobs/submit-jobs";
import type { Job, JobRequest } from "@/api/types";
import { randomKey } from "@/lib/idempotency";
import type { Entry } from "./entry";

/** Samples that are tried; fewer where there are fewer. */
export const DRY_RUN = 8;

export interface DryRun {
  /** The entries that were tried, one job each; empty before the first try. */
  entries: Entry[];
  jobs: Job[];
  isStarting: boolean;
  isRunning: boolean;
  isCancelling: boolean;
  /** Why it could not be started or cancelled. */
  error: Error | null;
  /** Whether this is not the request that was tried. */
  differsFrom: (request: JobRequest) => boolean;
  start: (request: JobRequest, entries: Entry[], samples: number) => void;
  cancel: () => void;
  /** Forgets a refusal, once something was changed. */
  forgive: () => void;
}

interface Tried {
  entries: Entry[];
  body: string;
  jobs: Job[];
}

const NONE: Tried = { entries: [], body: "", jobs: [] };

export function useDryRun(): DryRun {
  const submit = useSubmitJobs();
  const stop = useCancelJobs();
  const [tried, setTried] = useState(NONE);
  const jobs = useFollowedJobs(tried.jobs);
  const open = jobs.filter((job) => !isFinal(job));
  return {
    entries: tried.entries,
    jobs,
    isStarting: submit.isPending,
    isRunning: open.length > 0,
    isCancelling: stop.isPending,
    error: submit.error ?? stop.error,
    differsFrom: (request) => JSON.stringify(request) !== tried.body,
    start: (request, entries, samples) => {
      stop.reset();
      submit.mutate(
        // Each press is a try of its own: the model may behave otherwise now.
        { request: { ...request, dry_run: samples }, key: randomKey() },
        {
          onSuccess: (submission) =>
            setTried({ entries, body: JSON.stringify(request), jobs: submission.jobs }),
        },
      );
    },
    cancel: () => stop.mutate(open.map(({ id }) => id)),
    forgive: () => {
      submit.reset();
      stop.reset();
    },
  };
}
