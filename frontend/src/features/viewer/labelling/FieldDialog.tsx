import { Button, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { isShapeType } from "@/annotation/shapes";
import { faultAt } from "@/api/errors";
import { useCreateField } from "@/api/fields/create-field";
import { useUpdateField } from "@/api/fields/update-field";
import type { Field, FieldType } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { useView } from "../view";
import { type Attribute, AttributesInput, attributesOf, toAttributes } from "./AttributesInput";
import { ClassesInput } from "./ClassesInput";

interface Props {
  opened: boolean;
  onClose: () => void;
  /** The field to be changed; without one, a new one is made. */
  field?: Field;
  /** Its classes, and those that occur in it. */
  known?: string[];
  onDone?: (name: string) => void;
}

const TYPES: { value: FieldType; label: string }[] = [
  { value: "classification", label: "Classification: one class per sample" },
  { value: "classifications", label: "Multi-label: several classes per sample" },
  { value: "detections", label: "Boxes and masks" },
  { value: "polylines", label: "Polygons and lines" },
  { value: "keypoints", label: "Keypoints" },
  { value: "segmentation", label: "Mask: a class for each pixel" },
];

const BACKGROUND = "background";

/** A label field's name, type, classes, colours and attributes. */
export function FieldDialog({ opened, onClose, ...rest }: Props) {
  const title = rest.field ? `Classes of ${rest.field.name}` : "New label field";
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="lg" zIndex={250}>
      <Form key={String(opened)} onClose={onClose} {...rest} />
    </Modal>
  );
}

function Form({ field, known = [], onClose, onDone }: Omit<Props, "opened">) {
  const { dataset } = useView();
  const [name, setName] = useState("");
  const [type, setType] = useState<FieldType>("classification");
  const [classes, setClasses] = useState(known);
  const paints = (field?.type ?? type) === "segmentation";
  const [colors, setColors] = useState<Record<string, string>>(field?.colors ?? {});
  const [attributes, setAttributes] = useState<Attribute[]>(attributesOf(field));
  const create = useCreateField(dataset.id);
  const update = useUpdateField(dataset.id);
  const { isPending, error } = field ? update : create;
  const shapes = isShapeType(field?.type ?? type);

  function submit(event: { preventDefault: () => void }) {
    event.preventDefault();
    const kept = Object.fromEntries(Object.entries(colors).filter(([label]) => classes.includes(label)));
    // Its place is a class's number in the pixels, and what is not painted is number 0.
    const numbered = paints ? [field?.classes[0] ?? BACKGROUND, ...classes] : classes;
    const facts = { classes: numbered, colors: kept, attributes: toAttributes(attributes) };
    const done = (made: Field) => {
      onDone?.(made.name);
      onClose();
    };
    if (field) update.mutate({ name: field.name, ...facts }, { onSuccess: done });
    else create.mutate({ name: name.trim(), type, ...facts }, { onSuccess: done });
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {field ? null : (
          <Group grow align="flex-start">
            <TextInput
              label="Name"
              description="Small letters, digits, underscores"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={faultAt(error, "/name")}
              data-autofocus
              autoComplete="off"
            />
            <Select
              label="Type"
              description="What a label of it is"
              data={TYPES}
              value={type}
              onChange={(next) => next && setType(next as FieldType)}
              allowDeselect={false}
              comboboxProps={{ zIndex: 260 }}
            />
          </Group>
        )}
        <ClassesInput
          classes={classes}
          fixed={paints && field ? known : []}
          colors={colors}
          onClasses={setClasses}
          onColors={setColors}
        />
        {shapes ? <AttributesInput attributes={attributes} onChange={setAttributes} /> : null}
        {paints ? (
          <Text size="sm" c="dimmed">
            A class's number stands in the pixels, so classes keep their places. Number 0 is the background:
            what is not painted.
          </Text>
        ) : null}
        {classes.length > 0 && !paints ? (
          <Text size="sm" c="dimmed">
            Only these classes can be given from then on; labels that stand there stay as they are.
          </Text>
        ) : null}
        <ErrorAlert error={error} shownElsewhere={(pointer) => !field && pointer === "/name"} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending}>
            {field ? "Save" : "Create"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
