import { Text } from "@mantine/core";
import { useEvaluation } from "@/api/jobs/get-evaluation";
import type { Job } from "@/api/types";
import { AnchorLink } from "@/components/links";
import { percent } from "@/lib/format";

/** What an evaluation compares, and its accuracy once it is known. */
export function EvaluationLine({ job, evaluation }: { job: Job; evaluation: number }) {
  const { data } = useEvaluation(job.dataset, evaluation, job.state);
  if (!data) return null;
  const { accuracy } = data.metrics;
  return (
    <Text size="sm" c="dimmed" mt={2} style={{ overflowWrap: "anywhere" }}>
      <AnchorLink
        to="/datasets/$datasetId/evaluations/$evaluationId"
        params={{ datasetId: job.dataset, evaluationId: evaluation }}
        inherit
      >
        {data.predictions} against {data.ground_truth}
      </AnchorLink>
      {accuracy === undefined ? null : (
        <Text span fw={600} c="var(--mantine-color-text)" className="tabular">
          {" "}
          · {percent(accuracy, 1)} accurate
        </Text>
      )}
    </Text>
  );
}
