import { ActionIcon, Badge, Button, Group, Menu, Table, Text, Tooltip } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import {
  IconBolt,
  IconDots,
  IconFileText,
  IconPlayerPlay,
  IconPlayerStop,
  IconShieldCheck,
  IconShieldOff,
  IconTrash,
} from "@tabler/icons-react";
import { type DeploymentAction, useChangeDeployment } from "@/api/deployments/change-deployment";
import { messageOf } from "@/api/errors";
import type { Deployment } from "@/api/types";
import { bytes, number } from "@/lib/format";
import classes from "./models.module.css";
import { StateBadge } from "./StateBadge";

interface Props {
  deployment: Deployment;
  canEdit: boolean;
  onLog: () => void;
  onMeasured: () => void;
}

export function DeploymentRow({ deployment, canEdit, onLog, onMeasured }: Props) {
  const { images_per_second, load_seconds, memory_bytes, plan } = deployment.measured ?? {};
  const facts = [
    load_seconds ? `loaded in ${number(load_seconds)} s` : "",
    memory_bytes ? `${bytes(memory_bytes)} of memory` : "",
  ].filter(Boolean);
  const reason = deployment.state === "ready" ? "" : deployment.reason;
  return (
    <>
      <Table.Tr className={reason ? classes.explained : undefined}>
        <Table.Td>
          <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>
            {deployment.name}
          </Text>
        </Table.Td>
        <Table.Td>
          <StateBadge state={deployment.state} />
        </Table.Td>
        <Table.Td className={classes.fact}>
          v{deployment.version}
          {deployment.left_behind ? (
            <Text size="xs" c="dimmed">
              until its jobs end
            </Text>
          ) : null}
          {deployment.follows ? (
            <Text size="xs" c="dimmed">
              follows {deployment.follows}
            </Text>
          ) : null}
        </Table.Td>
        <Table.Td className={classes.fact}>
          {deployment.mini_batch} × {deployment.num_replicas}
          {deployment.num_gpus ? " on GPU" : ""}
          {plan ? (
            <Text size="xs" c="dimmed">
              jobs use {plan.mini_batch} × {plan.num_replicas}
            </Text>
          ) : null}
        </Table.Td>
        <Table.Td className={classes.fact}>
          {images_per_second ? (
            <Tooltip label={facts.join(", ")} disabled={facts.length === 0}>
              <Button
                variant="subtle"
                size="compact-sm"
                mx={-8}
                onClick={onMeasured}
                aria-label={`${number(images_per_second)} samples/s: measurements of ${deployment.name}`}
                leftSection={plan ? <IconBolt size={14} aria-hidden /> : null}
              >
                {number(images_per_second)} samples/s
              </Button>
            </Tooltip>
          ) : (
            "–"
          )}
        </Table.Td>
        <Table.Td>
          <SandboxBadge level={deployment.sandbox} />
        </Table.Td>
        <Table.Td>{canEdit ? <Actions deployment={deployment} onLog={onLog} /> : null}</Table.Td>
      </Table.Tr>
      {reason ? (
        <Table.Tr>
          <Table.Td colSpan={7} pt={0}>
            <div className={classes.reason}>{reason}</div>
          </Table.Td>
        </Table.Tr>
      ) : null}
    </>
  );
}

function SandboxBadge({ level }: { level: Deployment["sandbox"] }) {
  const isClosed = level !== "none";
  const Icon = isClosed ? IconShieldCheck : IconShieldOff;
  const meaning = isClosed
    ? "The model runs as another user, without network, and sees only its own files"
    : "The model runs unconfined: only versions uploaded by an administrator may";
  return (
    <Tooltip label={meaning}>
      <Badge
        variant="light"
        color={isClosed ? "teal" : "orange"}
        tt="none"
        fw={500}
        leftSection={<Icon size={12} />}
        miw="max-content"
      >
        {isClosed ? level : "none"}
      </Badge>
    </Tooltip>
  );
}

function Actions({ deployment, onLog }: Pick<Props, "deployment" | "onLog">) {
  const change = useChangeDeployment();
  const act = (action: DeploymentAction) =>
    change.mutate(
      { id: deployment.id, action },
      {
        onError: (error) =>
          notifications.show({ color: "red", title: deployment.name, message: messageOf(error) }),
      },
    );
  const askToDelete = () =>
    modals.openConfirmModal({
      title: "Delete this deployment?",
      children: (
        <Text>
          {deployment.name} can no longer be chosen in any suitcase. Its version and all values that it wrote
          stay.
        </Text>
      ),
      labels: { confirm: "Delete the deployment", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => act("delete"),
    });
  const isDown = deployment.state === "stopped" || deployment.state === "failed";
  return (
    <Group gap={2} justify="flex-end" wrap="nowrap">
      <Tooltip label="Log of the deploy check">
        <ActionIcon aria-label={`Log of ${deployment.name}`} onClick={onLog}>
          <IconFileText size={16} />
        </ActionIcon>
      </Tooltip>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${deployment.name}`} loading={change.isPending}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {isDown ? (
            <Menu.Item leftSection={<IconPlayerPlay size={15} />} onClick={() => act("start")}>
              Start
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<IconPlayerStop size={15} />} onClick={() => act("stop")}>
              Stop
            </Menu.Item>
          )}
          <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={askToDelete}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
