import { ActionIcon, Group, Tooltip } from "@mantine/core";
import { IconLabel, IconTag, IconTrash } from "@tabler/icons-react";
import { mayOnDataset } from "@/api/access";
import { useView } from "../../view";
import type { BulkKind } from "./BulkDialog";

const BUTTONS = [
  { kind: "tag", name: "Tag samples", icon: IconTag, needs: "label" },
  { kind: "label", name: "Label samples", icon: IconLabel, needs: "label" },
  { kind: "delete", name: "Delete samples", icon: IconTrash, needs: "edit" },
] as const;

/** What can be done to the samples selected, or else to all of the view; only what this person may. */
export function BulkButtons({ onOpen }: { onOpen: (kind: BulkKind) => void }) {
  const { dataset } = useView();
  const shown = BUTTONS.filter(({ needs }) => mayOnDataset(dataset.access, needs));
  if (shown.length === 0) return null;
  return (
    <Group gap={2} wrap="nowrap">
      {shown.map(({ kind, name, icon: Icon }) => (
        <Tooltip key={kind} label={name}>
          <ActionIcon aria-label={name} disabled={dataset.sample_count === 0} onClick={() => onOpen(kind)}>
            <Icon size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      ))}
    </Group>
  );
}
