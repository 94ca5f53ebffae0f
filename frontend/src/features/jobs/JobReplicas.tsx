import type { Replica } from "@/api/types";
import { count } from "@/lib/format";
import classes from "./jobs.module.css";

const STATES: Record<Replica["state"], { text: string; colour: string }> = {
  waiting: { text: "waiting for room", colour: "var(--mantine-color-gray-5)" },
  idle: { text: "idle", colour: "var(--mantine-color-gray-5)" },
  loading: { text: "loading the model", colour: "var(--mantine-color-yellow-6)" },
  working: { text: "working", colour: "var(--mantine-color-petrol-5)" },
  failed: { text: "could not be started", colour: "var(--mantine-color-red-6)" },
};

/** The copies of the model that work on the job: one row each. */
export function JobReplicas({ replicas }: { replicas: readonly Replica[] }) {
  if (replicas.length === 0) return null;
  return (
    <ul className={`${classes.list} ${classes.replicas}`} aria-label="Replicas">
      {replicas.map(({ id, state, done }, index) => (
        <li key={id} className={classes.fact}>
          <i className={classes.dot} style={{ background: STATES[state].colour }} />
          <span>Replica {index + 1}</span>
          <span className={classes.replicaState}>{STATES[state].text}</span>
          <span className="tabular">{count(done)} done</span>
        </li>
      ))}
    </ul>
  );
}
