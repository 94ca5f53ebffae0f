import { Button, Card, Group, SegmentedControl, Skeleton, Stack, TextInput } from "@mantine/core";
import { useDisclosure, useDocumentTitle } from "@mantine/hooks";
import { IconPhoto, IconPlus, IconSearch } from "@tabler/icons-react";
import { type Shared, useDatasets } from "@/api/datasets/list-datasets";
import { EmptyState } from "@/components/EmptyState";
import { ErrorAlert } from "@/components/ErrorAlert";
import { Page } from "@/components/Page";
import { CreateDataset } from "./CreateDataset";
import { DatasetTable } from "./DatasetTable";
import { matching } from "./search";

interface Props {
  search: string;
  onSearch: (search: string) => void;
  shared: Shared | undefined;
  onShared: (shared: Shared | undefined) => void;
}

const WHOSE = [
  { value: "all", label: "All" },
  { value: "mine", label: "Mine" },
  { value: "with_me", label: "Shared with me" },
];

export function DatasetList({ search, onSearch, shared, onShared }: Props) {
  const { data: datasets, error, isPending, refetch } = useDatasets(shared);
  const [creating, create] = useDisclosure(false);
  useDocumentTitle("Datasets · Samplecase");
  const found = matching(datasets ?? [], search);
  return (
    <Page
      title="Datasets"
      subtitle="Images, their fields, and everything models have said about them."
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={create.open}>
          New dataset
        </Button>
      }
    >
      <CreateDataset opened={creating} onClose={create.close} />
      {error ? <ErrorAlert error={error} onRetry={refetch} /> : null}
      {isPending && !error ? <Waiting /> : null}
      {datasets?.length === 0 && !shared ? (
        <Card withBorder>
          <EmptyState
            icon={IconPhoto}
            title="No datasets yet"
            text="A dataset holds images and typed fields. Create one, upload your images or a zip of them, then press the suitcase to run a model over every sample."
          >
            <Button onClick={create.open}>Create the first dataset</Button>
          </EmptyState>
        </Card>
      ) : null}
      {datasets && (datasets.length > 0 || shared) ? (
        <Stack gap="sm">
          <Group gap="sm">
            <TextInput
              aria-label="Search datasets"
              placeholder="Search by name, description or tag"
              leftSection={<IconSearch size={16} stroke={1.6} />}
              value={search}
              onChange={(event) => onSearch(event.currentTarget.value)}
              w={380}
            />
            <SegmentedControl
              aria-label="Whose datasets"
              data={WHOSE}
              value={shared ?? "all"}
              onChange={(whose) => onShared(whose === "all" ? undefined : (whose as Shared))}
            />
          </Group>
          <DatasetTable datasets={found} />
        </Stack>
      ) : null}
    </Page>
  );
}

function Waiting() {
  return (
    <Stack gap="xs" aria-busy="true" aria-label="Loading datasets">
      {[1, 2, 3].map((row) => (
        <Skeleton key={row} height={52} />
      ))}
    </Stack>
  );
}
