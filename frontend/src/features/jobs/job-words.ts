/** A job in words: its state, how far it is, how long it took. */

import { isFinal } from "@/api/jobs/list-jobs";
import type { Job, JobState, Me } from "@/api/types";
import { count, number, plural, roughly } from "@/lib/format";

const STATE_WORDS: Record<JobState, { text: string; colour: string }> = {
  queued: { text: "Queued", colour: "gray" },
  running: { text: "Running", colour: "blue" },
  pausing: { text: "Pausing", colour: "yellow" },
  paused: { text: "Paused", colour: "yellow" },
  cancelling: { text: "Cancelling", colour: "gray" },
  cancelled: { text: "Cancelled", colour: "gray" },
  failed: { text: "Failed", colour: "red" },
  finished: { text: "Finished", colour: "teal" },
  undoing: { text: "Undoing", colour: "gray" },
  undone: { text: "Undone", colour: "gray" },
  interrupted: { text: "Interrupted", colour: "red" },
};

/** The job's state; one that says *running* while nobody works on it waits. */
export function stateOf({ state, waiting_for }: Job): { text: string; colour: string } {
  return state === "running" && waiting_for ? { text: "Waiting", colour: "gray" } : STATE_WORDS[state];
}

/** Samples that the job has dealt with; those it was cancelled before are none of them. */
export const accounted = (job: Job): number => job.done + job.failed + job.skipped;

export const share = (part: number, job: Job): number => (job.total > 0 ? (part / job.total) * 100 : 0);

const pace = (rate: number): string =>
  `${rate < 10 ? number(Number(rate.toFixed(1))) : count(Math.round(rate))} samples/s`;

/** What a running job that has done nothing yet is at. */
function beginning({ replicas }: Job): string {
  return replicas.some(({ state }) => state === "loading") ? "loading the model" : "starting";
}

/** "1,024 / 1,797 · 210 samples/s · 4 s left". */
export function progressLine(job: Job): string {
  const parts = [`${count(accounted(job))} / ${count(job.total)}`];
  const isRunning = job.state === "running";
  if (job.rate && (isRunning || isFinal(job))) parts.push(pace(job.rate));
  if (isRunning && job.eta_seconds !== null) parts.push(`${roughly(job.eta_seconds)} left`);
  if (isRunning && !job.waiting_for && job.total > 0 && accounted(job) === 0) parts.push(beginning(job));
  return parts.join(" · ");
}

/** Log, messages and outputs of a job are its owner's, and superusers'. */
export const isReadInFull = (job: Pick<Job, "owner">, me: Me | undefined): boolean =>
  me !== undefined && (me.is_superuser || me.username === job.owner);

/** Seconds a job has worked, up to now while it is at it; null before it starts and while it rests. */
export function elapsed(job: Job, now = Date.now()): number | null {
  if (!job.started_at || job.state === "paused") return null;
  const end = job.finished_at ? Date.parse(job.finished_at) : now;
  return isFinal(job) && !job.finished_at ? null : Math.max(0, (end - Date.parse(job.started_at)) / 1000);
}

/** What trying again runs: the failed samples, and those that a cancelled job did not come to. */
export const retryLabel = ({ cancelled }: Pick<Job, "cancelled">): string =>
  cancelled > 0 ? "Run the rest" : "Retry failed";

/** "1,790 values were taken back; 7 stay, for others have changed them since." */
export function undoLine(job: Pick<Job, "undo"> & Partial<Pick<Job, "bulk">>): string {
  const { restored, kept } = job.undo ?? { restored: 0, kept: 0 };
  const taken = job.bulk
    ? `${plural(restored, "sample is", "samples are")} as before`
    : `${plural(restored, "value was", "values were")} taken back`;
  return kept > 0 ? `${taken}; ${count(kept)} stay, for others have changed them since.` : `${taken}.`;
}

/** Why a job paused that nothing succeeded in, and what resuming it does. */
function atThreshold(job: Job): string {
  const failed = `All of the first ${count(job.failed)} samples failed, so the job paused before it spends more.`;
  const left = job.total - accounted(job);
  return left > 0
    ? `${failed} Resume runs the other ${count(left)} however many fail; Cancel ends the job here.`
    : `Every sample failed, ${count(job.failed)} in all, so the job paused. Resume ends it as finished; its failed samples can be retried then.`;
}

const WAITING = {
  turn: "It waits for its turn: every executor is at another job. It goes on by itself.",
  executor:
    "It waits for an executor, and none is at work. Whoever runs this server starts one by “samplecase up” or “samplecase executor”; the job goes on by itself.",
};

/** Why a job stands where it stands, if there is anything to say. */
export function why(job: Job): string | null {
  if (job.error) return job.error.message || job.error.code.replaceAll("_", " ");
  if (job.reason === "error_threshold") return atThreshold(job);
  if (job.state === "running" && job.waiting_for) return WAITING[job.waiting_for];
  return job.reason ? job.reason.replaceAll("_", " ") : null;
}
