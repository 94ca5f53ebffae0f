import { ActionIcon, Button, Group, Text, Title, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconChartScatter,
  IconInfoCircle,
  IconLayoutSidebarRightCollapse,
  IconLayoutSidebarRightExpand,
  IconPencil,
  IconReportAnalytics,
  IconUsers,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { mayOnDataset } from "@/api/access";
import type { Dataset } from "@/api/types";
import { ButtonLink } from "@/components/links";
import { ShareDialog } from "@/components/sharing/ShareDialog";
import { Tags } from "@/components/Tags";
import { DatasetDetails } from "./DatasetDetails";
import { useView } from "./view";
import classes from "./viewer.module.css";

interface Props {
  dataset: Dataset;
  menu?: ReactNode;
  panelOpen: boolean;
  onPanel: () => void;
}

export function DatasetHeader({ dataset, menu, panelOpen, onPanel }: Props) {
  const { search, change } = useView();
  const [sharing, share] = useDisclosure(false);
  const [detailed, details] = useDisclosure(false);
  const mayEdit = mayOnDataset(dataset.access, "edit");
  return (
    <div className={classes.header}>
      <Title order={1} size="h2" className={classes.title} title={dataset.name}>
        {dataset.name}
      </Title>
      <div className={classes.tags}>
        <Tags tags={dataset.tags} />
      </div>
      <Text size="sm" c="dimmed" truncate flex={1} title={dataset.description || undefined}>
        {dataset.description}
      </Text>
      <Group gap={4} wrap="nowrap">
        <Tooltip label={mayEdit ? "Edit name, description and tags" : "About this dataset"}>
          <ActionIcon
            aria-label={mayEdit ? "Edit name, description and tags" : "About this dataset"}
            onClick={details.open}
          >
            {mayEdit ? <IconPencil size={17} stroke={1.6} /> : <IconInfoCircle size={18} stroke={1.6} />}
          </ActionIcon>
        </Tooltip>
        <ButtonLink
          to="/datasets/$datasetId/evaluations"
          params={{ datasetId: dataset.id }}
          search={{ filter: search.filter }}
          size="compact-sm"
          variant="subtle"
          color="gray"
          leftSection={<IconReportAnalytics size={16} stroke={1.7} />}
        >
          Evaluations
        </ButtonLink>
        <Button
          size="compact-sm"
          variant={search.embeddings === undefined ? "subtle" : "light"}
          color={search.embeddings === undefined ? "gray" : "petrol"}
          aria-pressed={search.embeddings !== undefined}
          leftSection={<IconChartScatter size={16} stroke={1.7} />}
          onClick={() => change({ embeddings: search.embeddings === undefined ? 0 : undefined })}
        >
          Embeddings
        </Button>
        {mayEdit ? (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconUsers size={16} stroke={1.7} />}
            onClick={share.open}
          >
            Share
          </Button>
        ) : null}
        {menu}
        <Tooltip label={panelOpen ? "Hide the panel" : "Show the panel"}>
          <ActionIcon aria-label="Panel" aria-pressed={panelOpen} onClick={onPanel}>
            {panelOpen ? (
              <IconLayoutSidebarRightCollapse size={19} stroke={1.6} />
            ) : (
              <IconLayoutSidebarRightExpand size={19} stroke={1.6} />
            )}
          </ActionIcon>
        </Tooltip>
      </Group>
      <DatasetDetails dataset={dataset} mayEdit={mayEdit} opened={detailed} onClose={details.close} />
      <ShareDialog
        kind="datasets"
        id={dataset.id}
        name={dataset.name}
        opened={sharing}
        onClose={share.close}
      />
    </div>
  );
}
