import { Skeleton, Stack } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import type { FieldFacet } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ErrorAlert } from "@/components/ErrorAlert";
import { ActiveFilters } from "../filters/ActiveFilters";
import { useViewFacets } from "../use-view-facets";
import { useView } from "../view";
import { FieldChart } from "./FieldChart";

const says = ({ labels = [], histogram = [], confidence }: FieldFacet): boolean =>
  labels.length > 0 || histogram.length > 0 || (confidence?.histogram?.length ?? 0) > 0;

/** How the fields' labels and numbers are spread over the view. */
export function DistributionsPanel() {
  const { dataset } = useView();
  const { data, error, refetch } = useViewFacets();
  if (error)
    return <ErrorAlert error={error} title="The distributions could not be counted" onRetry={refetch} />;
  if (!data) {
    return (
      <Stack p="md">
        <Skeleton h={120} />
        <Skeleton h={120} />
      </Stack>
    );
  }
  const charts = dataset.fields.flatMap((field) => {
    const facet = data.fields[field.name];
    return facet && says(facet) ? [{ field, facet }] : [];
  });
  return (
    <>
      <ActiveFilters />
      {charts.map(({ field, facet }) => (
        <FieldChart key={field.name} field={field} facet={facet} />
      ))}
      {charts.length === 0 ? (
        <EmptyState
          icon={IconChartBar}
          title="Nothing to draw"
          text="Fields with labels, confidences or numbers are drawn here once samples of this view have values."
        />
      ) : null}
    </>
  );
}
