import { modals } from "@mantine/modals";

/** Asks before a projection is deleted; it can be computed again, so a click is enough. */
export function confirmDeletion(onConfirm: () => void): void {
  modals.openConfirmModal({
    title: "Delete projection",
    children: "Its points and filters that name it will be gone. The vectors themselves stay as they are.",
    labels: { confirm: "Delete projection", cancel: "Keep it" },
    confirmProps: { color: "red" },
    onConfirm,
  });
}
