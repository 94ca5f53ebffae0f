import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useDeleteModel } from "@/api/models/delete-model";
import type { Model } from "@/api/types";
import { confirmByName } from "@/components/confirm";

/** What one does rarely. */
export function ModelMenu({ model }: { model: Model }) {
  const remove = useDeleteModel(model.id);
  const navigate = useNavigate();

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
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label="More actions">
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={askToDelete}>
          Delete model…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
