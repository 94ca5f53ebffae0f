import { modals } from "@mantine/modals";

/** Asks before an evaluation is deleted; it can be made again, so a click is enough. */
export function confirmDeletion(onConfirm: () => void): void {
  modals.openConfirmModal({
    title: "Delete evaluation",
    children: "Its results and filters that name it will be gone. The values themselves stay as they are.",
    labels: { confirm: "Delete evaluation", cancel: "Keep it" },
    confirmProps: { color: "red" },
    onConfirm,
  });
}
