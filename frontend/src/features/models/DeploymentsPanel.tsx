import { Button, Paper, Table, Title, VisuallyHidden } from "@mantine/core";
import { IconRocket } from "@tabler/icons-react";
import { useState } from "react";
import type { Deployment, Model } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { DeploymentLog } from "./DeploymentLog";
import { DeploymentRow } from "./DeploymentRow";
import { MeasuredDialog } from "./MeasuredDialog";
import classes from "./models.module.css";

interface Props {
  model: Model;
  canEdit: boolean;
  onDeploy: () => void;
}

export function DeploymentsPanel({ model, canEdit, onDeploy }: Props) {
  const [logOf, setLogOf] = useState<number | null>(null);
  const [measuredOf, setMeasuredOf] = useState<number | null>(null);
  const withId = (wanted: number | null): Deployment | undefined =>
    model.deployments.find(({ id }) => id === wanted);
  const [logged, measured] = [withId(logOf), withId(measuredOf)];
  return (
    <Paper withBorder className={classes.panel}>
      <div className={classes.panelHead}>
        <Title order={2} size="h3">
          Deployments
        </Title>
      </div>
      {model.deployments.length === 0 ? (
        <EmptyState
          icon={IconRocket}
          title="Not deployed"
          text="A deployment says how a version runs: its mini-batch, replicas and environment. Once it is ready, the suitcase of every dataset offers it."
        >
          {canEdit && model.versions.length > 0 ? <Button onClick={onDeploy}>Deploy</Button> : null}
        </EmptyState>
      ) : (
        <Table.ScrollContainer minWidth={680} type="native">
          <Table horizontalSpacing="md" aria-label="Deployments">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>Version</Table.Th>
                <Table.Th>Batch × replicas</Table.Th>
                <Table.Th>Measured</Table.Th>
                <Table.Th>Sandbox</Table.Th>
                <Table.Th>
                  <VisuallyHidden>Actions</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {model.deployments.map((deployment) => (
                <DeploymentRow
                  key={deployment.id}
                  deployment={deployment}
                  canEdit={canEdit}
                  onLog={() => setLogOf(deployment.id)}
                  onMeasured={() => setMeasuredOf(deployment.id)}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {logged ? <DeploymentLog deployment={logged} onClose={() => setLogOf(null)} /> : null}
      {measured?.measured ? (
        <MeasuredDialog
          deployment={measured}
          measured={measured.measured}
          onClose={() => setMeasuredOf(null)}
        />
      ) : null}
    </Paper>
  );
}
