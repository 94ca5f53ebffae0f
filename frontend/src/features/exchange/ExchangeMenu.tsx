import { ActionIcon, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots, IconDownload, IconFileImport } from "@tabler/icons-react";
import { mayOnDataset } from "@/api/access";
import type { Dataset } from "@/api/types";
import type { Filter } from "@/lib/filter";
import { ExportDialog } from "./ExportDialog";
import { ImportDialog } from "./ImportDialog";

interface Props {
  dataset: Dataset;
  filter: Filter | undefined;
  /** Samples under the filter; null while unknown. */
  filtered: number | null;
  selected: ReadonlySet<number>;
  /** An import or export has begun. */
  onStarted: () => void;
}

/** What one brings to a dataset and takes from it. */
export function ExchangeMenu({ dataset, filter, filtered, selected, onStarted }: Props) {
  const [importing, imports] = useDisclosure(false);
  const [exporting, exports] = useDisclosure(false);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label="Import and export">
            <IconDots size={18} stroke={1.6} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayOnDataset(dataset.access, "label") ? (
            <Menu.Item leftSection={<IconFileImport size={16} stroke={1.6} />} onClick={imports.open}>
              Import…
            </Menu.Item>
          ) : null}
          <Menu.Item leftSection={<IconDownload size={16} stroke={1.6} />} onClick={exports.open}>
            Export…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ImportDialog
        dataset={dataset}
        opened={importing}
        onClose={imports.close}
        onStarted={() => {
          imports.close();
          onStarted();
        }}
      />
      <ExportDialog
        dataset={dataset}
        filter={filter}
        filtered={filtered}
        selected={selected}
        opened={exporting}
        onClose={exports.close}
        onStarted={() => {
          exports.close();
          onStarted();
        }}
      />
    </>
  );
}
