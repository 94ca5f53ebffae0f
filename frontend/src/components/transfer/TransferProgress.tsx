import { ActionIcon, Group, Progress, Stack, Text, Tooltip } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconRefresh } from "@tabler/icons-react";
import type { Transfer } from "@/api/uploads/courier";
import { bytes, percent, roughly } from "@/lib/format";

interface Props {
  transfer: Transfer;
  /** What the server does with it once it has all. */
  working: string;
  onPause: () => void;
  onResume: () => void;
}

/** How far an upload is, how fast, how long it will take, and a way to pause it. */
export function TransferProgress({ transfer, working, onPause, onResume }: Props) {
  const { phase, sent, total } = transfer;
  const share = total ? sent / total : 1;
  return (
    <Stack gap={6}>
      <Group gap="xs" wrap="nowrap">
        <Progress
          value={share * 100}
          flex={1}
          size="lg"
          aria-label="Upload"
          color={phase === "waiting" ? "orange" : phase === "paused" ? "gray" : undefined}
          animated={phase === "working"}
        />
        <Steering phase={phase} onPause={onPause} onResume={onResume} />
      </Group>
      <Text size="sm" role="status">
        {words(transfer, working)}
      </Text>
      {total > 50e6 && phase !== "working" ? (
        <Text size="xs" c="dimmed">
          If this page is closed, choose the same file again: it goes on where it was.
        </Text>
      ) : null}
    </Stack>
  );
}

function Steering({
  phase,
  onPause,
  onResume,
}: Pick<Props, "onPause" | "onResume"> & Pick<Transfer, "phase">) {
  if (phase === "working") return null;
  const [label, Icon, act] = {
    sending: ["Pause", IconPlayerPause, onPause] as const,
    paused: ["Go on", IconPlayerPlay, onResume] as const,
    waiting: ["Try now", IconRefresh, onResume] as const,
  }[phase];
  return (
    // Another button, and not the same one under another name: a click that was meant for this one hits no other.
    <Tooltip key={label} label={label}>
      <ActionIcon variant="default" aria-label={label} onClick={act}>
        <Icon size={16} />
      </ActionIcon>
    </Tooltip>
  );
}

export function words({ phase, sent, total, rate }: Transfer, working: string): string {
  if (phase === "working") return working;
  const far = `${percent(total ? sent / total : 1)} · ${bytes(sent)} of ${bytes(total)}`;
  if (phase === "paused") return `${far} · paused`;
  if (phase === "waiting") return `${far} · the connection is lost; it goes on by itself once there is one`;
  if (!rate) return far;
  return `${far} · ${bytes(rate)}/s · ${roughly((total - sent) / rate)} left`;
}
