import { Modal } from "@mantine/core";
import { ExportForm, type ExportProps } from "./ExportForm";

export function ExportDialog({ opened, ...rest }: ExportProps & { opened: boolean }) {
  return (
    <Modal opened={opened} onClose={rest.onClose} title="Export this dataset" size={620}>
      {opened ? <ExportForm {...rest} /> : null}
    </Modal>
  );
}
