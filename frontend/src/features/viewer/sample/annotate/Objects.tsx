import { ActionIcon, Button, Text, UnstyledButton } from "@mantine/core";
import { IconEye, IconTrash } from "@tabler/icons-react";
import { useEffect, useRef, useSyncExternalStore } from "react";
import type { Editor } from "@/annotation/editor";
import { kindOf } from "@/annotation/shapes";
import type { Field } from "@/api/types";
import { labelColour } from "@/lib/colours";
import { percent } from "@/lib/format";
import classes from "../sample.module.css";
import { Attributes } from "./Attributes";

/** Rows beyond these would only slow the page; the picture shows all. */
const SHOWN = 100;

interface Props {
  editor: Editor;
  field: Field;
  onClassify: (label: string) => boolean;
}

/** The shapes on the picture, and what is asked of the selected one. */
export function Objects({ editor, field }: Props) {
  const { labels, selected, hidden } = useSyncExternalStore(editor.subscribe, editor.snapshot);
  const chosen = labels.find(({ id }) => id === selected);
  const row = useRef<HTMLLIElement>(null);
  // Braces, since an effect may return only its clean-up, and newer browsers' `scrollIntoView` returns a promise.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another selection is another row
  useEffect(() => {
    row.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const at = labels.findIndex(({ id }) => id === selected);
  const from = Math.max(0, Math.min(at - SHOWN / 2, labels.length - SHOWN));
  return (
    <>
      {chosen ? <Attributes editor={editor} field={field} label={chosen} /> : null}
      <section className={classes.value} aria-label="Objects">
        <div className={classes.valueHead}>
          <span className={classes.fieldName}>Objects</span>
          <Text span size="sm" c="dimmed" className="tabular">
            {labels.length}
          </Text>
          {hidden.size > 0 ? (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<IconEye size={14} />}
              onClick={() => {
                editor.select(null);
                editor.hide();
              }}
            >
              Show {hidden.size} hidden
            </Button>
          ) : null}
        </div>
        {labels.length === 0 ? <Text c="dimmed">None yet: draw on the image.</Text> : null}
        <ul className={classes.objects}>
          {labels.slice(from, from + SHOWN).map((label) => (
            <li key={label.id} ref={label.id === selected ? row : undefined}>
              <UnstyledButton
                className={classes.classRow}
                aria-pressed={label.id === selected}
                data-on={label.id === selected || undefined}
                data-hidden={hidden.has(label.id) || undefined}
                onClick={() => editor.select(label.id)}
              >
                <span className={classes.dot} style={{ background: labelColour(label.label, field) }} />
                <span className={classes.className}>{label.label || "no class"}</span>
                <Text span size="xs" c="dimmed">
                  {kindOf(label)}
                  {typeof label.confidence === "number" ? ` · ${percent(label.confidence)}` : ""}
                </Text>
              </UnstyledButton>
              <ActionIcon
                size="sm"
                aria-label={`Delete ${kindOf(label)} ${label.label}`}
                onClick={() => {
                  editor.select(label.id);
                  editor.remove();
                }}
              >
                <IconTrash size={15} stroke={1.6} />
              </ActionIcon>
            </li>
          ))}
        </ul>
        {labels.length > SHOWN ? (
          <Text size="sm" c="dimmed">
            {SHOWN} of {labels.length} are listed; the image shows all.
          </Text>
        ) : null}
      </section>
    </>
  );
}
