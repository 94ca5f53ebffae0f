import { Group, Text } from "@mantine/core";
import type { Dataset, Evaluation } from "@/api/types";
import { AnchorLink } from "@/components/links";
import { verdictFilter } from "./confusion";

const VERDICTS = [
  ["fp", "Wrong predictions"],
  ["fn", "Not found"],
  ["tp", "Right"],
] as const;

/** Leads to the samples on which something is wrong, was not found, or is right. */
export function VerdictLinks({ dataset, evaluation }: { dataset: Dataset; evaluation: Evaluation }) {
  if (!["classification", "classifications", "detections"].includes(evaluation.type)) return null;
  return (
    <Group gap="sm" mb="sm">
      <Text size="sm" c="dimmed">
        Samples with
      </Text>
      {VERDICTS.map(([is, words]) => (
        <AnchorLink
          key={is}
          to="/datasets/$datasetId"
          params={{ datasetId: dataset.id }}
          search={{ filter: verdictFilter(evaluation.id, is) }}
          preload={false}
          size="sm"
        >
          {words}
        </AnchorLink>
      ))}
    </Group>
  );
}
