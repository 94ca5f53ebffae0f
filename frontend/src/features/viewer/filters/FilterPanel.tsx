import { Text } from "@mantine/core";
import { isLabelType } from "@/components/values/labels";
import { useViewFacets } from "../use-view-facets";
import { useView } from "../view";
import { ActiveFilters } from "./ActiveFilters";
import { CompareGroup } from "./CompareGroup";
import { Estimate } from "./Count";
import { FieldFilter } from "./FieldFilter";
import classes from "./filters.module.css";
import { MetadataFilters } from "./MetadataFilters";
import { PanelGroup } from "./PanelGroup";
import { TagFilter } from "./TagFilter";

const FEW = 3;

/** The fields of the dataset by kind: what is shown on the pictures, and what the view is narrowed to. */
export function FilterPanel() {
  const { dataset } = useView();
  const labels = dataset.fields.filter((field) => isLabelType(field.type));
  const primitives = dataset.fields.filter((field) => !isLabelType(field.type));
  const isEstimate = useViewFacets().data?.exact === false;
  return (
    <Estimate value={isEstimate}>
      <div className={classes.panel}>
        <ActiveFilters />
        <PanelGroup title="Tags">
          <TagFilter />
        </PanelGroup>
        <PanelGroup title="Metadata">
          <MetadataFilters />
        </PanelGroup>
        <PanelGroup title="Labels">
          {labels.map((field, index) => (
            <FieldFilter key={field.name} field={field} startOpen={index === 0 || labels.length <= FEW} />
          ))}
          {labels.length === 0 ? (
            <Text size="sm" c="dimmed" px="md" pb="xs">
              No label fields yet. Run a model with the suitcase, and its outputs appear here.
            </Text>
          ) : null}
        </PanelGroup>
        <PanelGroup title="Primitives">
          {primitives.map((field) => (
            <FieldFilter key={field.name} field={field} startOpen={false} />
          ))}
          {primitives.length === 0 ? (
            <Text size="sm" c="dimmed" px="md" pb="xs">
              None
            </Text>
          ) : null}
        </PanelGroup>
        <CompareGroup />
      </div>
    </Estimate>
  );
}
