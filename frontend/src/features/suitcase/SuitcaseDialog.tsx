import { Modal } from "@mantine/core";
import { SuitcaseForm, type SuitcaseProps } from "./SuitcaseForm";

/** Choose samples, pack models, name what becomes of their outputs, run. */
export function SuitcaseDialog({ opened, ...rest }: SuitcaseProps & { opened: boolean }) {
  return (
    <Modal opened={opened} onClose={rest.onClose} title="Run models on samples" size={820}>
      {opened ? <SuitcaseForm {...rest} /> : null}
    </Modal>
  );
}
