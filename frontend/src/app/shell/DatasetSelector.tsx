import { Select } from "@mantine/core";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useDatasets } from "@/api/datasets/list-datasets";

/** On a dataset's pages: which one is shown, and the way to the others. */
export function DatasetSelector() {
  const { datasetId } = useParams({ strict: false });
  return datasetId === undefined ? null : <Selector current={datasetId} />;
}

function Selector({ current }: { current: number }) {
  const navigate = useNavigate();
  const { data = [] } = useDatasets();
  // Of a dataset that may not be seen, or is none, there is nothing to select.
  if (!data.some(({ id }) => id === current)) return null;
  return (
    <Select
      aria-label="Dataset"
      data={data.map((dataset) => ({ value: String(dataset.id), label: dataset.name }))}
      value={String(current)}
      onChange={(id) => id && navigate({ to: "/datasets/$datasetId", params: { datasetId: Number(id) } })}
      searchable
      allowDeselect={false}
      nothingFoundMessage="No dataset of that name"
      w={220}
      comboboxProps={{ width: 280, position: "bottom-start" }}
    />
  );
}
