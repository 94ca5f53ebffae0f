import { ActionIcon, Menu, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import {
  IconArchive,
  IconArchiveOff,
  IconCircleCheck,
  IconDots,
  IconTag,
  IconTrash,
} from "@tabler/icons-react";
import { messageOf } from "@/api/errors";
import { type Stage, useChangeVersion, type VersionAction } from "@/api/models/change-version";
import type { ModelVersion } from "@/api/types";

interface Step {
  stage: Stage;
  label: string;
  icon: typeof IconTag;
}

const TO_PRODUCTION: Step = { stage: "production", label: "Take to production", icon: IconCircleCheck };
const TO_ARCHIVE: Step = { stage: "archived", label: "Archive", icon: IconArchive };
const STEPS: Record<Stage, Step[]> = {
  development: [TO_PRODUCTION, TO_ARCHIVE],
  production: [TO_ARCHIVE],
  archived: [{ stage: "development", label: "Back to development", icon: IconArchiveOff }],
};

interface Props {
  model: number;
  version: ModelVersion;
  onAlias: (version: string) => void;
}

/** What an editor does with one version. */
export function VersionMenu({ model, version: { version, stage }, onAlias }: Props) {
  const change = useChangeVersion(model);
  const act = (action: VersionAction) =>
    change.mutate(
      { version, action },
      {
        onError: (error) =>
          notifications.show({ color: "red", title: `v${version}`, message: messageOf(error) }),
      },
    );
  const askToDelete = () =>
    modals.openConfirmModal({
      title: `Delete v${version}?`,
      children: (
        <Text>
          Its package and its stopped deployments go with it. Where values of a dataset came from it, they
          still name it.
        </Text>
      ),
      labels: { confirm: "Delete the version", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => act("delete"),
    });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`Actions for v${version}`} loading={change.isPending}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {STEPS[stage].map(({ stage: next, label, icon: Icon }) => (
          <Menu.Item key={next} leftSection={<Icon size={15} />} onClick={() => act(next)}>
            {label}
          </Menu.Item>
        ))}
        {stage === "archived" ? null : (
          <Menu.Item leftSection={<IconTag size={15} />} onClick={() => onAlias(version)}>
            Give it an alias…
          </Menu.Item>
        )}
        <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={askToDelete}>
          Delete…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
