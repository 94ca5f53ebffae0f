import { Badge, Button, Group, Loader, Paper, Stack, Table, Text, TextInput } from "@mantine/core";
import { useDisclosure, useDocumentTitle } from "@mantine/hooks";
import { IconPlus, IconSearch, IconStack2 } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { useModels } from "@/api/models/list-models";
import { EmptyState } from "@/components/EmptyState";
import { ErrorAlert } from "@/components/ErrorAlert";
import { Page } from "@/components/Page";
import { isDialogOpen, useKeys } from "@/lib/use-keys";
import { CreateModelDialog } from "./CreateModelDialog";
import { ModelRow } from "./ModelRow";
import classes from "./models.module.css";
import { matches } from "./search";

interface Props {
  /** What is searched for; it lives in the URL. */
  query: string;
  onQuery: (query: string) => void;
}

/** The registry: every model that one may see. */
export function ModelsPage({ query, onQuery }: Props) {
  const models = useModels();
  const [creating, dialog] = useDisclosure(false);
  const search = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  useDocumentTitle("Models · Samplecase");
  useKeys({
    "models.search": () => !isDialogOpen() && search.current?.focus(),
    "models.create": () => !isDialogOpen() && dialog.open(),
  });

  const shown = models.data?.filter((model) => matches(model, query)) ?? [];
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
      <ErrorAlert error={models.error} onRetry={() => models.refetch()} />
      {models.isPending ? <Loader aria-label="Loading models" /> : null}
      {models.data?.length === 0 ? (
        <EmptyState
          icon={IconStack2}
          title="No models yet"
          text="A model holds versions of a packed model. Create one, upload its .zip, deploy it, and it can be run over every sample of a dataset."
        >
          <Button onClick={dialog.open}>Create Model</Button>
        </EmptyState>
      ) : null}
      {models.data && models.data.length > 0 ? (
        <Stack gap="sm">
          <TextInput
            ref={search}
            value={query}
            onChange={(event) => onQuery(event.currentTarget.value)}
            placeholder="Search by name, description or tag"
            aria-label="Search models"
            leftSection={<IconSearch size={16} stroke={1.6} />}
            maw={380}
          />
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
                  {shown.map((model) => (
                    <ModelRow key={model.id} model={model} onTag={(tag) => onQuery(tag)} />
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
            {shown.length === 0 ? (
              <Group p="md" gap="xs">
                <Text c="dimmed">No model matches</Text>
                <Badge variant="default">{query}</Badge>
                <Button variant="subtle" size="compact-sm" onClick={() => onQuery("")}>
                  Show all
                </Button>
              </Group>
            ) : null}
          </Paper>
        </Stack>
      ) : null}
      <CreateModelDialog
        opened={creating}
        onClose={dialog.close}
        onCreated={(model) => navigate({ to: "/models/$modelId", params: { modelId: model.id }, search: {} })}
      />
    </Page>
  );
}
