import { Group, Text } from "@mantine/core";
import type { Dataset, Evaluation } from "@/api/types";
import { Ago } from "@/components/Ago";
import { AnchorLink } from "@/components/links";
import type { Filter } from "@/lib/filter";
import { count, plural } from "@/lib/format";
import { StateBadge } from "./StateBadge";

/** What was counted, over which samples, when and by whom. */
export function Facts({ dataset, evaluation }: { dataset: Dataset; evaluation: Evaluation }) {
  const { samples, missing, filter, options, counted_at, created_at, created_by, type } = evaluation;
  const threshold = options.iou_threshold;
  return (
    <Group component="span" gap="xs" mt={4}>
      <StateBadge evaluation={evaluation} />
      <Text component="span" size="sm" c="dimmed">
        {type}
        {samples === null ? null : ` · ${plural(samples, "sample")}`}
        {missing ? ` · ${count(missing)} without both values` : null}
        {typeof threshold === "number" ? ` · IoU ${threshold.toFixed(2)}` : null}
        {" · "}
        <Ago iso={counted_at ?? created_at} />
        {created_by ? ` by ${created_by}` : null}
      </Text>
      {filter ? (
        <AnchorLink
          to="/datasets/$datasetId"
          params={{ datasetId: dataset.id }}
          search={{ filter: filter as Filter }}
          size="sm"
        >
          Its filter
        </AnchorLink>
      ) : null}
    </Group>
  );
}
