import { Text } from "@mantine/core";
import { useProjections } from "@/api/projections/list-projections";
import type { Job } from "@/api/types";
import { AnchorLink } from "@/components/links";

const METHODS = { pca: "PCA", umap: "UMAP" };

/** What a projection lays out; it opens beside the grid. */
export function ProjectionLine({ job, projection }: { job: Job; projection: number }) {
  const { data } = useProjections(job.dataset);
  const found = data?.find(({ id }) => id === projection);
  if (!found) return null;
  return (
    <Text size="sm" mt={2} style={{ overflowWrap: "anywhere" }}>
      <AnchorLink
        to="/datasets/$datasetId"
        params={{ datasetId: job.dataset }}
        search={{ panel: "execution", embeddings: projection }}
        inherit
      >
        {METHODS[found.method]} of {found.field}
      </AnchorLink>
    </Text>
  );
}
