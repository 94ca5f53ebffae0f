import { Button, Group, Loader, Stack, Text, Title } from "@mantine/core";
import { useDisclosure, useDocumentTitle } from "@mantine/hooks";
import { IconRocket, IconShare3, IconUpload } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "@/api/errors";
import { useModel } from "@/api/models/get-model";
import { ErrorAlert } from "@/components/ErrorAlert";
import { ShareDialog } from "@/components/sharing/ShareDialog";
import { isDialogOpen, useKeys } from "@/lib/use-keys";
import { AliasesPanel } from "./AliasesPanel";
import { DeployDialog } from "./DeployDialog";
import { DeploymentsPanel } from "./DeploymentsPanel";
import { ModelAbout } from "./ModelAbout";
import { ModelMenu } from "./ModelMenu";
import classes from "./models.module.css";
import { RunsPanel } from "./RunsPanel";
import { shownVersion } from "./shown-version";
import { UploadDialog } from "./UploadDialog";
import { UseItPanel } from "./UseItPanel";
import { VersionDetails } from "./VersionDetails";
import { VersionsPanel } from "./VersionsPanel";

/** One model: what it is, its versions, how they run, and who may use it. */
export function ModelPage({ id }: { id: number }) {
  const model = useModel(id);
  const [uploading, upload] = useDisclosure(false);
  const [deploying, deploy] = useDisclosure(false);
  const [sharing, share] = useDisclosure(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const canEdit = model.data?.access === "edit" || model.data?.access === "owner";
  useDocumentTitle(model.data ? `${model.data.name} · Samplecase` : "Models · Samplecase");
  useKeys({
    "models.upload": () => canEdit && !isDialogOpen() && upload.open(),
    "models.deploy": () => canEdit && !isDialogOpen() && model.data?.versions.length && deploy.open(),
  });

  if (model.isPending) return <Loader m="xl" aria-label="Loading the model" />;
  if (!model.data) {
    // A model that is not there has a page of its own for that; anything else may be worth another try.
    if (model.error instanceof ApiError && model.error.status === 404) throw model.error;
    return (
      <div className={classes.page}>
        <ErrorAlert error={model.error} onRetry={() => model.refetch()} />
      </div>
    );
  }
  const data = model.data;
  const version = shownVersion(data.versions, chosen);
  return (
    <div className={classes.page}>
      <Link to="/models" className={classes.crumb}>
        Models
      </Link>
      <Group justify="space-between" mb="lg" mt={4} wrap="nowrap">
        <Title order={1} className={classes.title}>
          {data.name}
        </Title>
        {canEdit ? (
          <Group gap="xs" wrap="nowrap">
            <Button variant="default" leftSection={<IconUpload size={16} />} onClick={upload.open}>
              Upload
            </Button>
            <Button
              leftSection={<IconRocket size={16} />}
              onClick={deploy.open}
              disabled={data.versions.length === 0}
              title={data.versions.length === 0 ? "Upload a version first" : undefined}
            >
              Deploy
            </Button>
            <Button variant="default" leftSection={<IconShare3 size={16} />} onClick={share.open}>
              Share
            </Button>
            <ModelMenu model={data} />
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            {data.access === "run" ? "You may run this model" : "You may view this model"}
          </Text>
        )}
      </Group>
      <div className={classes.columns}>
        <Stack gap="lg">
          <DeploymentsPanel model={data} canEdit={canEdit} onDeploy={deploy.open} />
          <VersionsPanel
            model={data}
            canEdit={canEdit}
            chosen={version}
            onChoose={setChosen}
            onUpload={upload.open}
          />
          {version ? <VersionDetails key={version} model={data} version={version} /> : null}
          <UseItPanel model={data} />
          <RunsPanel model={data} />
        </Stack>
        <Stack gap="lg">
          <ModelAbout key={data.updated_at} model={data} canEdit={canEdit} />
          <AliasesPanel model={data} canEdit={canEdit} />
        </Stack>
      </div>
      <UploadDialog model={data} opened={uploading} onClose={upload.close} onUploaded={setChosen} />
      <DeployDialog model={data} opened={deploying} onClose={deploy.close} />
      <ShareDialog kind="models" id={id} name={data.name} opened={sharing} onClose={share.close} />
    </div>
  );
}
