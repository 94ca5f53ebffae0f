import { NumberInput, Select, Stack, Switch, TextInput } from "@mantine/core";
import type { Editor } from "@/annotation/editor";
import type { ShapeLabel } from "@/annotation/shapes";
import type { Field } from "@/api/types";
import { type Attribute, attributesOf } from "../../labelling/AttributesInput";
import classes from "../sample.module.css";

interface Props {
  editor: Editor;
  field: Field;
  label: ShapeLabel;
}

/** What the field asks of each object, for the selected one. */
export function Attributes({ editor, field, label }: Props) {
  const asked = attributesOf(field);
  if (asked.length === 0) return null;
  return (
    <section className={classes.value} aria-label={`Attributes of ${label.label}`}>
      <Stack gap="xs">
        {asked.map((attribute) => (
          <Answer
            key={`${label.id} ${attribute.name}`}
            attribute={attribute}
            value={label.attributes?.[attribute.name]}
            onChange={(value) => editor.attribute(attribute.name, value)}
          />
        ))}
      </Stack>
    </section>
  );
}

interface AnswerProps {
  attribute: Attribute;
  value: unknown;
  onChange: (value: unknown) => void;
}

function Answer({ attribute: { name, kind, options }, value, onChange }: AnswerProps) {
  if (kind === "boolean") {
    return (
      <Switch
        label={name}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (kind === "choice") {
    const chosen = typeof value === "string" ? value : null;
    return (
      <Select
        label={name}
        data={options}
        value={chosen}
        onChange={onChange}
        clearable
        comboboxProps={{ zIndex: 240 }}
      />
    );
  }
  // Kept when it is left, or every letter would be a change of its own.
  return kind === "number" ? (
    <NumberInput
      label={name}
      defaultValue={typeof value === "number" ? value : ""}
      onBlur={(event) => {
        const typed = event.currentTarget.value;
        onChange(typed === "" ? null : Number(typed));
      }}
    />
  ) : (
    <TextInput
      label={name}
      defaultValue={typeof value === "string" ? value : ""}
      onBlur={(event) => onChange(event.currentTarget.value)}
    />
  );
}
