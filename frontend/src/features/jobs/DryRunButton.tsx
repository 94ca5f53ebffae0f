import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { Job } from "@/api/types";
import { DryRunResults } from "@/components/dry-run/DryRunResults";
import { useOutputTypes } from "@/components/dry-run/output-types";
import { useTitle } from "./title";

/** The way back to what a dry run showed. */
export function DryRunButton({ job }: { job: Job }) {
  const [opened, { open, close }] = useDisclosure(false);
  const types = useOutputTypes(job);
  const title = useTitle(job);
  return (
    <>
      <Button size="compact-xs" variant="subtle" onClick={open}>
        Outputs
      </Button>
      <Modal opened={opened} onClose={close} title={`Dry run of ${title}`} size={820}>
        <DryRunResults job={job} types={types} />
      </Modal>
    </>
  );
}
