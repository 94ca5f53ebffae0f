import { Alert, Badge, Card, Group, Progress, Text } from "@mantine/core";
import { IconArrowNarrowRight } from "@tabler/icons-react";
import { isMoving } from "@/api/jobs/list-jobs";
import type { Job } from "@/api/types";
import { colourOf } from "@/lib/colours";
import { EvaluationLine } from "./EvaluationLine";
import { JobBottleneck } from "./JobBottleneck";
import { JobCounts } from "./JobCounts";
import { JobFooter } from "./JobFooter";
import { JobReplicas } from "./JobReplicas";
import { progressLine, share, stateOf, undoLine, why } from "./job-words";
import classes from "./jobs.module.css";
import { ProjectionLine } from "./ProjectionLine";
import { useTitle } from "./title";

interface Props {
  job: Job;
  onOpenSample: (sample: number) => void;
}

export function JobCard({ job, onOpenSample }: Props) {
  const state = stateOf(job);
  const reason = why(job);
  const title = useTitle(job);
  return (
    <Card component="li" withBorder padding="sm" aria-label={`Job ${job.id}: ${title}`}>
      <Group justify="space-between" wrap="nowrap" gap="xs" align="flex-start">
        <Text fw={600} className={classes.title} title={title}>
          {title}
        </Text>
        <Badge color={state.colour} variant="light" tt="none" fw={600} style={{ flex: "none" }}>
          {state.text}
        </Badge>
      </Group>
      {job.dry_run === null ? (
        <Outputs outputs={job.outputs} />
      ) : (
        <Text size="xs" c="dimmed" mt={2}>
          A dry run: no field is written.
        </Text>
      )}
      {job.evaluation === null ? null : <EvaluationLine job={job} evaluation={job.evaluation} />}
      {job.projection === null ? null : <ProjectionLine job={job} projection={job.projection} />}
      <Progress.Root size={7} mt={8} aria-label={`Progress of job ${job.id}`}>
        <Progress.Section
          value={share(job.done, job)}
          color={job.state === "failed" ? "gray" : undefined}
          aria-label="Done"
        />
        <Progress.Section value={share(job.skipped, job)} color="gray" aria-label="Skipped" />
        <Progress.Section value={share(job.failed, job)} color="red" aria-label="Failed" />
      </Progress.Root>
      <Text size="sm" className="tabular" mt={5}>
        {progressLine(job)}
      </Text>
      {reason ? (
        <Alert color={job.error ? "red" : "yellow"} variant="light" p="xs" mt="xs">
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {reason}
          </Text>
        </Alert>
      ) : null}
      {job.undo && job.state === "undone" ? (
        <Text size="sm" c="dimmed" mt={4}>
          {undoLine(job)}
        </Text>
      ) : null}
      {isMoving(job) ? <JobReplicas replicas={job.replicas} /> : null}
      {job.bottleneck ? <JobBottleneck bottleneck={job.bottleneck} /> : null}
      <JobCounts job={job} onOpenSample={onOpenSample} />
      <JobFooter job={job} title={title} />
    </Card>
  );
}

function Outputs({ outputs }: { outputs: Job["outputs"] }) {
  return (
    <div className={classes.outputs}>
      {Object.entries(outputs).map(([output, field]) => (
        <span key={output} className={classes.output} title={`${output} becomes the field ${field}`}>
          <IconArrowNarrowRight size={14} aria-hidden="true" />
          <i className={classes.dot} style={{ background: colourOf(field) }} />
          <span className={classes.fieldName}>{field}</span>
        </span>
      ))}
    </div>
  );
}
