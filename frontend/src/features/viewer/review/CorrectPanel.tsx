import { Button, Group, Kbd, Text, UnstyledButton } from "@mantine/core";
import { useSyncExternalStore } from "react";
import type { Editor } from "@/annotation/editor";
import type { Field } from "@/api/types";
import { labelColour } from "@/lib/colours";
import { Objects } from "../sample/annotate/Objects";
import sampleClasses from "../sample/sample.module.css";

interface Props {
  editor: Editor;
  field: Field;
  labels: readonly string[];
  onSave: () => void;
  onCancel: () => void;
}

/** The objects that are being corrected, and the classes that they can have. */
export function CorrectPanel({ editor, field, labels, onSave, onCancel }: Props) {
  const { labels: objects, selected, label: drawn } = useSyncExternalStore(editor.subscribe, editor.snapshot);
  const on = objects.find(({ id }) => id === selected)?.label ?? drawn;
  return (
    <>
      <section className={sampleClasses.value} aria-label="Correction">
        <Text size="sm" c="dimmed" mb="xs">
          Nothing is written to {field.name} before the correction is saved.
        </Text>
        <Group gap="xs" wrap="nowrap">
          <Button onClick={onSave} rightSection={<Kbd size="xs">Ctrl ↵</Kbd>}>
            Save
          </Button>
          <Button variant="default" onClick={onCancel} rightSection={<Kbd size="xs">Esc</Kbd>}>
            Cancel
          </Button>
        </Group>
      </section>
      {labels.length > 0 ? (
        <section className={sampleClasses.value} aria-label="Classes">
          <div className={sampleClasses.valueHead}>
            <span className={sampleClasses.fieldName}>Classes</span>
          </div>
          {labels.slice(0, 30).map((label, index) => (
            <UnstyledButton
              key={label}
              className={sampleClasses.classRow}
              aria-pressed={label === on}
              data-on={label === on || undefined}
              onClick={() => editor.classify(label)}
            >
              <span className={sampleClasses.dot} style={{ background: labelColour(label, field) }} />
              <span className={sampleClasses.className}>{label}</span>
              {index < 9 ? <Kbd size="xs">{index + 1}</Kbd> : null}
            </UnstyledButton>
          ))}
        </section>
      ) : null}
      <Objects editor={editor} field={field} onClassify={() => true} />
    </>
  );
}
