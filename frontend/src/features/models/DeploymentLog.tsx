import { Group, Loader, Modal, Text } from "@mantine/core";
import { useDeploymentLog } from "@/api/deployments/get-deployment-log";
import type { Deployment } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import classes from "./models.module.css";
import { StateBadge } from "./StateBadge";

/** What the deploy check did and what the model printed. */
export function DeploymentLog({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const isLive = deployment.state === "pending" || deployment.state === "building";
  const log = useDeploymentLog(deployment.id, isLive);
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={
        <Group gap="sm">
          <Text fw={600}>Log of {deployment.name}</Text>
          <StateBadge state={deployment.state} />
        </Group>
      }
    >
      <ErrorAlert error={log.error} />
      {log.isPending ? <Loader size="sm" /> : null}
      {log.data ? <pre className={classes.log}>{log.data.log || "Nothing was printed yet."}</pre> : null}
    </Modal>
  );
}
