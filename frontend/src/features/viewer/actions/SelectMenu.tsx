import { Button, Kbd, Menu } from "@mantine/core";
import { IconBriefcase2, IconChecks, IconLabel, IconTag, IconTrash, IconX } from "@tabler/icons-react";
import { mayOnDataset } from "@/api/access";
import { plural } from "@/lib/format";
import { useView } from "../view";
import type { BulkKind } from "./bulk/BulkDialog";

interface Props {
  onBulk: (kind: BulkKind) => void;
  onRun: () => void;
}

/** How many samples are selected, what can be done to them, and the way out of it. */
export function SelectMenu({ onBulk, onRun }: Props) {
  const { dataset, selection } = useView();
  if (selection.ids.size === 0) return null;
  return (
    <Menu position="bottom-start" width={250}>
      <Menu.Target>
        <Button variant="light" leftSection={<IconChecks size={16} stroke={1.7} />}>
          {plural(selection.ids.size, "sample")} selected
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {mayOnDataset(dataset.access, "label") ? (
          <>
            <Menu.Item leftSection={<IconTag size={16} />} onClick={() => onBulk("tag")}>
              Tag…
            </Menu.Item>
            <Menu.Item leftSection={<IconLabel size={16} />} onClick={() => onBulk("label")}>
              Set or clear a label…
            </Menu.Item>
            <Menu.Item leftSection={<IconBriefcase2 size={16} />} onClick={onRun}>
              Run models…
            </Menu.Item>
          </>
        ) : null}
        {mayOnDataset(dataset.access, "edit") ? (
          <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => onBulk("delete")}>
            Delete…
          </Menu.Item>
        ) : null}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconX size={16} />}
          onClick={selection.clear}
          rightSection={<Kbd size="xs">Esc</Kbd>}
        >
          Clear selected samples
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
