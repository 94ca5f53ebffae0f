import { ActionIcon, Button, Divider, Kbd, Menu, ScrollArea, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconArrowBackUp, IconCheck, IconPlus, IconSettings, IconTag } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { mayOnDataset } from "@/api/access";
import { isDialogOpen, useKeys } from "@/lib/use-keys";
import { useView } from "../view";
import { readSample } from "./cache";
import { labelStep } from "./classify";
import { useLabelling } from "./context";
import { FieldDialog } from "./FieldDialog";
import { SaveState } from "./SaveState";
import { targetOptions, useTarget } from "./use-target";
import { useUndo } from "./use-undo";

let last = "";
const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** Labels the selected samples: choose the field once, select, press a digit. */
export function GridLabelling() {
  const { dataset } = useView();
  const mayLabel = mayOnDataset(dataset.access, "label");
  return mayLabel && dataset.sample_count > 0 ? <Labels /> : null;
}

function Labels() {
  const { dataset, search, selection } = useView();
  const target = useTarget();
  const [editing, edit] = useDisclosure(false);
  const [adding, add] = useDisclosure(false);
  const label = useLabelSelected();
  const { undo, redo } = useUndo();
  const canClassify = target.name === "tags" || target.field?.type.startsWith("classification");
  const onDigit = (digit: string) => () => {
    const name = target.classes[Number(digit) - 1];
    if (isDialogOpen() || selection.ids.size === 0 || !canClassify || name === undefined) return false;
    return label(name);
  };
  useKeys({
    ...Object.fromEntries(DIGITS.map((digit) => [digit, onDigit(digit)])),
    "grid.undo": () => !isDialogOpen() && undo(),
    "grid.redo": () => !isDialogOpen() && redo(),
  });
  return (
    <>
      <Menu position="bottom-start" width={260}>
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconTag size={16} stroke={1.7} />}
            aria-label={`Label: ${target.name ?? "no field"}`}
          >
            Label: {target.name ?? "no field"}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {targetOptions(dataset.fields).map(({ group, items }) => (
            <div key={group}>
              {items.length > 0 ? <Menu.Label>{group}</Menu.Label> : null}
              {items.map(({ value, label: text }) => (
                <Menu.Item
                  key={value}
                  onClick={() => target.choose(value)}
                  rightSection={value === target.name ? <IconCheck size={15} aria-label="chosen" /> : null}
                  closeMenuOnClick={false}
                >
                  {text}
                </Menu.Item>
              ))}
            </div>
          ))}
          <Menu.Item leftSection={<IconPlus size={15} />} onClick={add.open}>
            New field…
          </Menu.Item>
          {target.field ? (
            <Menu.Item leftSection={<IconSettings size={15} />} onClick={edit.open}>
              Classes and colours…
            </Menu.Item>
          ) : null}
          <Divider my={4} />
          <Menu.Label>
            {selection.ids.size > 0 ? "Give the selected samples" : "Select samples, then press"}
          </Menu.Label>
          {canClassify ? (
            <ScrollArea.Autosize mah={280}>
              {target.classes.map((name, index) => (
                <Menu.Item
                  key={name}
                  disabled={selection.ids.size === 0}
                  onClick={() => label(name)}
                  rightSection={index < DIGITS.length ? <Kbd size="xs">{DIGITS[index]}</Kbd> : null}
                >
                  {name}
                </Menu.Item>
              ))}
            </ScrollArea.Autosize>
          ) : (
            <Text size="sm" c="dimmed" px="sm" pb="xs">
              Open a sample to draw on it.
            </Text>
          )}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label="Undo (Ctrl+Z)">
        <ActionIcon aria-label="Undo" onClick={undo}>
          <IconArrowBackUp size={18} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      {search.sample === undefined ? <SaveState /> : null}
      <FieldDialog opened={adding} onClose={add.close} onDone={target.choose} />
      {target.field ? (
        <FieldDialog opened={editing} onClose={edit.close} field={target.field} known={target.classes} />
      ) : null}
    </>
  );
}

/** Labels all selected samples at once; returns false where there was nothing to change. */
function useLabelSelected(): (label: string) => boolean {
  const { dataset, selection } = useView();
  const client = useQueryClient();
  const labelling = useLabelling();
  const { name, field } = useTarget();
  return (label) => {
    if (!labelling || name === null) return false;
    const samples = [...selection.ids].flatMap((id) => readSample(client, dataset.id, id) ?? []);
    const step = labelStep(samples, {
      ...{ target: name, type: field?.type, label },
      current: (sample) => labelling.value(sample, name),
    });
    labelling.make(step);
    const left = selection.ids.size - samples.length;
    const message = step.parts.length > 0 ? step.what : `All have “${label}” already`;
    notifications.hide(last);
    last = notifications.show({
      message: left > 0 ? `${message}; ${left} are not in this view and stayed` : message,
      autoClose: 2500,
    });
    return true;
  };
}
