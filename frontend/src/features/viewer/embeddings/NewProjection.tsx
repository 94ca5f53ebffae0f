import { Alert, Button, Group, Radio, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useCreateProjection } from "@/api/projections/create-projection";
import { useProjectionMethods } from "@/api/projections/list-methods";
import type { ProjectionMethod } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { count, plural } from "@/lib/format";
import { useViewFacets } from "../use-view-facets";
import { useView } from "../view";

interface Props {
  onMade: (id: number) => void;
  /** Left out where there is nothing to go back to. */
  onCancel?: () => void;
}

const FIRST = "pca";

/** Which field to lay out how, over which samples. */
export function NewProjection({ onMade, onCancel }: Props) {
  const { dataset, search } = useView();
  const { data: methods = [] } = useProjectionMethods(dataset.id);
  const facets = useViewFacets();
  const create = useCreateProjection(dataset.id);
  const fields = dataset.fields.filter(({ type }) => type === "embedding");
  const [field, setField] = useState(fields[0]?.name ?? null);
  const [method, setMethod] = useState<ProjectionMethod["method"]>(FIRST);
  const [scope, setScope] = useState("all");
  const chosen = methods.find((each) => each.method === method);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!field) return;
        const filter = scope === "filter" ? search.filter : undefined;
        create.mutate({ field, method, filter }, { onSuccess: ({ id }) => onMade(id) });
      }}
    >
      <Stack p="md" maw={460}>
        <Select
          label="Embeddings"
          allowDeselect={false}
          data={fields.map(({ name, dimension }) => ({
            value: name,
            label: `${name} (${count(dimension ?? 0)} numbers)`,
          }))}
          value={field}
          onChange={setField}
        />
        <Radio.Group
          label="Method"
          value={method}
          onChange={(value) => setMethod(value as ProjectionMethod["method"])}
        >
          <Stack gap="xs" mt={6}>
            {methods.map((each) => (
              <Radio
                key={each.method}
                value={each.method}
                label={each.title}
                disabled={each.missing !== ""}
                description={each.missing || DESCRIBED[each.method]}
              />
            ))}
          </Stack>
        </Radio.Group>
        {chosen && !chosen.places_others ? (
          <Text size="sm" c="dimmed">
            Of more than {plural(chosen.most_fitted, "sample")}, evenly drawn ones are laid out.
          </Text>
        ) : null}
        <Radio.Group label="Samples" value={scope} onChange={setScope}>
          <Stack gap="xs" mt={6}>
            <Radio value="all" label={`All ${plural(dataset.sample_count, "sample")}`} />
            <Radio
              value="filter"
              disabled={!search.filter}
              label={
                search.filter && facets.data
                  ? `The ${plural(facets.data.total, "sample")} of this view`
                  : "Those of this view"
              }
            />
          </Stack>
        </Radio.Group>
        <ErrorAlert error={create.error} />
        {methods.length > 0 && methods.every(({ missing }) => missing !== "") ? (
          <Alert color="yellow" variant="light">
            This server can lay nothing out yet; its administrator reads above what to install.
          </Alert>
        ) : null}
        <Group>
          <Button
            type="submit"
            loading={create.isPending}
            disabled={!field || !chosen || chosen.missing !== ""}
          >
            Compute
          </Button>
          {onCancel ? (
            <Button variant="default" onClick={onCancel}>
              Cancel
            </Button>
          ) : null}
        </Group>
      </Stack>
    </form>
  );
}

const DESCRIBED: Record<ProjectionMethod["method"], string> = {
  pca: "The two directions in which the vectors differ most. Seconds.",
  umap: "Neighbours stay neighbours, so that groups come apart. Up to a minute.",
};
