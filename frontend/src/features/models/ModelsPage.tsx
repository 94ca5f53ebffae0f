import { Button, Group, Loader, Paper, Stack, Table, Text } from "@mantine/core";
import { useDebouncedValue, useDisclosure, useDocumentTitle } from "@mantine/hooks";
import { IconPlus, IconStack2 } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { useModelList } from "@/api/models/list-models";
import type { Model } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ErrorAlert } from "@/components/ErrorAlert";
import { Page } from "@/components/Page";
import type { ModelSearch } from "@/lib/model-search";
import { isDialogOpen, useKeys } from "@/lib/use-keys";
import { CreateModelDialog } from "./CreateModelDialog";
import { ModelFilters } from "./ModelFilters";
import { ModelRow } from "./ModelRow";
import classes from "./models.module.css";

interface Props {
  /** What is asked for; it lives in the URL. */
  search: ModelSearch;
  /** Changes what is given, and leaves the rest. */
  onSearch: (changes: ModelSearch) => void;
}

/** The registry: every model that one may see. */
export function ModelsPage({ search, onSearch }: Props) {
  const { tags = [], owner, shared, sort } = search;
  const [text] = useDebouncedValue(search.q, 250);
  const models = useModelList({ search: text, tag: tags, owner, shared, sort });
  const [creating, dialog] = useDisclosure(false);
  const input = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  useDocumentTitle("Models · Samplecase");
  useKeys({
    "models.search": () => !isDialogOpen() && input.current?.focus(),
    "models.create": () => !isDialogOpen() && dialog.open(),
  });

  const isNarrowed = Boolean(search.q || tags.length || owner || shared);
  const isEmpty = models.data?.length === 0 && !isNarrowed;
  return (
    <Page
      title="Models"
      subtitle="Packed models, their versions, and how they are deployed."
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
          Create Model
        </Button>
      }
    >
      {isEmpty ? (
        <EmptyState
          icon={IconStack2}
          title="No models yet"
          text="A model holds versions of a packed model. Create one, upload its .zip, deploy it, and it can be run over every sample of a dataset."
        >
          <Button onClick={dialog.open}>Create Model</Button>
        </EmptyState>
      ) : null}
      {isEmpty ? null : (
        <Stack gap="sm">
          {models.isPending && !isNarrowed ? null : (
            <ModelFilters search={search} onSearch={onSearch} input={input} />
          )}
          <ErrorAlert error={models.error} onRetry={() => models.refetch()} />
          {models.isPending ? <Loader aria-label="Loading models" /> : null}
          {models.data ? <ModelTable models={models.data} search={search} onSearch={onSearch} /> : null}
        </Stack>
      )}
      <CreateModelDialog
        opened={creating}
        onClose={dialog.close}
        onCreated={(model) => navigate({ to: "/models/$modelId", params: { modelId: model.id }, search: {} })}
      />
    </Page>
  );
}

interface TableProps extends Props {
  models: Model[];
}

function ModelTable({ models, search, onSearch }: TableProps) {
  const { tags = [] } = search;
  return (
    <Paper withBorder className={classes.panel}>
      <Table.ScrollContainer minWidth={760} type="native">
        <Table highlightOnHover horizontalSpacing="md" verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Newest version</Table.Th>
              <Table.Th>Deployments</Table.Th>
              <Table.Th>Owner</Table.Th>
              <Table.Th>You may</Table.Th>
              <Table.Th>Changed</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {models.map((model) => (
              <ModelRow
                key={model.id}
                model={model}
                onTag={(tag) => onSearch({ tags: [...tags, tag] })}
                onOwner={() => onSearch({ owner: model.owner })}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {models.length === 0 ? (
        <Group p="md" gap="xs">
          <Text c="dimmed">No model matches</Text>
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => onSearch({ q: "", tags: [], owner: undefined, shared: undefined })}
          >
            Show all
          </Button>
        </Group>
      ) : null}
    </Paper>
  );
}
