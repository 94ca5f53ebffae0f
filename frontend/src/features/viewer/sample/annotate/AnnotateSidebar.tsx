import { ActionIcon, Badge, Button, Group, Kbd, Select, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconSettings } from "@tabler/icons-react";
import { useSyncExternalStore } from "react";
import type { Easel } from "@/annotation/easel";
import { Editor } from "@/annotation/editor";
import { Painter } from "@/annotation/painter";
import { writerOf } from "@/api/models/names";
import type { Sample } from "@/api/types";
import { labelsOf } from "@/components/values/labels";
import { labelColour } from "@/lib/colours";
import { FieldDialog } from "../../labelling/FieldDialog";
import { isTags } from "../../labelling/targets";
import { targetOptions } from "../../labelling/use-target";
import { useView } from "../../view";
import classes from "../sample.module.css";
import { Objects } from "./Objects";
import { OtherClass } from "./OtherClass";
import { Painted } from "./Painted";
import type { Annotation } from "./use-annotation";

interface Props {
  sample: Sample;
  annotation: Annotation;
}

/** What is labelled, with which classes, and the objects that stand there. */
export function AnnotateSidebar({ sample, annotation }: Props) {
  const { dataset } = useView();
  const { target, editor, classify, isModels, unread } = annotation;
  const [adding, add] = useDisclosure(false);
  const [editing, edit] = useDisclosure(false);
  const field = target.field;
  return (
    <>
      <section className={classes.value} aria-label="What to label">
        <Group gap={4} wrap="nowrap" align="flex-end">
          <Select
            label="Label"
            flex={1}
            data={targetOptions(dataset.fields)}
            value={target.name}
            placeholder="No label field yet"
            onChange={(next) => next && target.choose(next)}
            allowDeselect={false}
            comboboxProps={{ zIndex: 240 }}
          />
          {field ? (
            <Tooltip label="Classes, colours and attributes">
              <ActionIcon aria-label="Classes, colours and attributes" onClick={edit.open}>
                <IconSettings size={18} stroke={1.6} />
              </ActionIcon>
            </Tooltip>
          ) : null}
          <Tooltip label="New label field">
            <ActionIcon aria-label="New label field" onClick={add.open}>
              <IconPlus size={18} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
        </Group>
        {isModels && target.name ? <ModelNote sample={sample} field={target.name} /> : null}
      </section>
      <section className={classes.value} aria-label="Classes">
        <div className={classes.valueHead}>
          <span className={classes.fieldName}>{target.name && isTags(target.name) ? "Tags" : "Classes"}</span>
        </div>
        {target.classes.length > 0 ? (
          <Classes annotation={annotation} sample={sample} />
        ) : (
          <Text size="sm" c="dimmed">
            {field
              ? "No class yet."
              : target.name
                ? "No tag in this dataset yet."
                : "Make a label field to begin."}
          </Text>
        )}
        {target.name &&
        (isTags(target.name) || (field?.classes.length === 0 && field.type !== "segmentation")) ? (
          <OtherClass name={field ? "Another class" : "New tag"} onChoose={classify} />
        ) : null}
        {field && target.classes.length === 0 ? (
          <Button size="compact-sm" variant="light" mt="xs" onClick={edit.open}>
            Add classes
          </Button>
        ) : null}
        {!field && !target.name ? (
          <Button size="compact-sm" variant="light" mt="xs" onClick={add.open}>
            New label field
          </Button>
        ) : null}
      </section>
      {editor instanceof Editor && field ? (
        <Objects editor={editor} field={field} onClassify={classify} />
      ) : null}
      {editor instanceof Painter && field ? <Painted painter={editor} field={field} unread={unread} /> : null}
      <FieldDialog opened={adding} onClose={add.close} onDone={target.choose} />
      {field ? (
        <FieldDialog opened={editing} onClose={edit.close} field={field} known={target.classes} />
      ) : null}
    </>
  );
}

function ModelNote({ sample, field }: { sample: Sample; field: string }) {
  const writer = writerOf(sample.provenance[field]);
  return (
    <Group gap={6} mt="xs">
      <Badge size="sm" variant="light" tt="none" fw={550}>
        Model
      </Badge>
      <Text size="xs" c="dimmed">
        {writer ?? "Written by a model"}; a correction becomes yours
      </Text>
    </Group>
  );
}

const never = () => () => {};

/** The class of what is selected, else of what is drawn next. */
function useDrawnClass(editor: Easel | null): string | null {
  const drawn = () => (editor ? (editor.selected?.label ?? editor.snapshot().label) : null);
  return useSyncExternalStore(editor?.subscribe ?? never, drawn);
}

function Classes({ sample, annotation }: Props) {
  const { target, editor, classify } = annotation;
  const drawn = useDrawnClass(editor);
  const name = target.name ?? "";
  const given = isTags(name) ? sample.tags : labelsOf(sample.values[name]).map(({ label }) => label);
  return target.classes.map((label, index) => {
    const isOn = editor ? drawn === label : given.includes(label);
    return (
      <UnstyledButton
        key={label}
        className={classes.classRow}
        aria-pressed={isOn}
        data-on={isOn || undefined}
        onClick={() => classify(label)}
      >
        <span className={classes.dot} style={{ background: labelColour(label, target.field) }} />
        <span className={classes.className}>{label}</span>
        {index < 9 ? <Kbd size="xs">{index + 1}</Kbd> : null}
      </UnstyledButton>
    );
  });
}
