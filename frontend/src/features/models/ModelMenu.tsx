import { ActionIcon, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots, IconTrash, IconUserShare } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useDeleteModel } from "@/api/models/delete-model";
import type { Model } from "@/api/types";
import { confirmByName } from "@/components/confirm";
import { TransferDialog } from "@/components/sharing/TransferDialog";

/** What one does rarely. */
export function ModelMenu({ model }: { model: Model }) {
  const remove = useDeleteModel(model.id);
  const navigate = useNavigate();
  const [transferring, transfer] = useDisclosure(false);

  const askToDelete = () =>
    confirmByName({
      title: "Delete this model?",
      consequence:
        "Its versions and deployments go with it and cannot be brought back. The values that it wrote stay in their datasets.",
      name: model.name,
      action: "Delete model",
      onConfirm: async () => {
        await remove.mutateAsync();
        await navigate({ to: "/models", search: {} });
      },
    });

  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label="More actions">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {model.access === "owner" ? (
            <Menu.Item leftSection={<IconUserShare size={15} />} onClick={transfer.open}>
              Transfer…
            </Menu.Item>
          ) : null}
          <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={askToDelete}>
            Delete model…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <TransferDialog
        kind="models"
        id={model.id}
        name={model.name}
        opened={transferring}
        onClose={transfer.close}
        onTransferred={(access) => access === "none" && navigate({ to: "/models", search: {} })}
      />
    </>
  );
}
