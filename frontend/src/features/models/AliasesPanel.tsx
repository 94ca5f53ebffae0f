import { ActionIcon, Group, Loader, Menu, Modal, Paper, Table, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDots, IconHistory, IconTag, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { messageOf } from "@/api/errors";
import { useAliasHistory, useMoveAlias } from "@/api/models/aliases";
import type { Model } from "@/api/types";
import { Ago } from "@/components/Ago";
import { ErrorAlert } from "@/components/ErrorAlert";
import { LATEST } from "./aliases";
import classes from "./models.module.css";

/** What each alias means, who said so, and what it meant before. */
export function AliasesPanel({ model, canEdit }: { model: Model; canEdit: boolean }) {
  const [told, setTold] = useState<string | null>(null);
  const move = useMoveAlias(model.id);
  const remove = (name: string) =>
    move.mutate(
      { name, version: null },
      {
        onError: (error) => notifications.show({ color: "red", title: name, message: messageOf(error) }),
      },
    );
  if (model.aliases.length === 0) return null;
  return (
    <Paper withBorder className={classes.panel} component="section" aria-label="Aliases">
      <div className={classes.panelHead}>
        <Title order={2} size="h3">
          Aliases
        </Title>
      </div>
      {model.aliases.map(({ name, version, moved_by, moved_at }) => (
        <div key={name} className={classes.row}>
          <div>
            <Group gap={6} wrap="nowrap">
              <IconTag size={14} aria-hidden />
              <Text size="sm" fw={550}>
                {name}
              </Text>
              <Text size="sm">v{version}</Text>
            </Group>
            <Text size="xs" c="dimmed">
              {name === LATEST ? "follows by itself" : `set by ${moved_by ?? "a deleted account"}`},{" "}
              <Ago iso={moved_at} />
            </Text>
          </div>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon aria-label={`Actions for ${name}`}>
                <IconDots size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconHistory size={15} />} onClick={() => setTold(name)}>
                History
              </Menu.Item>
              {canEdit && name !== LATEST ? (
                <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={() => remove(name)}>
                  Take it away
                </Menu.Item>
              ) : null}
            </Menu.Dropdown>
          </Menu>
        </div>
      ))}
      {told ? <History model={model.id} name={told} onClose={() => setTold(null)} /> : null}
    </Paper>
  );
}

function History({ model, name, onClose }: { model: number; name: string; onClose: () => void }) {
  const history = useAliasHistory(model, name);
  return (
    <Modal opened onClose={onClose} title={`History of ${name}`}>
      <ErrorAlert error={history.error} />
      {history.isPending ? <Loader size="sm" aria-label="Loading the history" /> : null}
      <Table aria-label={`History of ${name}`}>
        <Table.Tbody>
          {(history.data ?? []).map((step) => (
            <Table.Tr key={`${step.moved_at} ${step.before} ${step.after}`}>
              <Table.Td>
                {step.before ? `v${step.before}` : "new"} → {step.after ? `v${step.after}` : "taken away"}
              </Table.Td>
              <Table.Td>{step.moved_by ?? "a deleted account"}</Table.Td>
              <Table.Td>
                <Ago iso={step.moved_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
