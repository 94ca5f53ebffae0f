import { Combobox, Modal, Text, TextInput, useCombobox } from "@mantine/core";
import { useEffect, useState } from "react";
import { type Coloured, labelColour } from "@/lib/colours";
import sampleClasses from "../sample/sample.module.css";
import classes from "./review.module.css";

interface Props {
  opened: boolean;
  onClose: () => void;
  labels: string[];
  field: Coloured | undefined;
  /** Whether a class that is in no list can be given too. */
  isOpen: boolean;
  onClass: (label: string) => unknown;
}

/** Any class of the field, found by typing a part of it. */
export function ClassDialog({ opened, onClose, ...rest }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="What is it?"
      zIndex={250}
      size="sm"
      transitionProps={{ duration: 0 }}
    >
      {opened ? <Chooser onClose={onClose} {...rest} /> : null}
    </Modal>
  );
}

const SHOWN = 100;

function Chooser({ onClose, labels, field, isOpen, onClass }: Omit<Props, "opened">) {
  const [typed, setTyped] = useState("");
  const combobox = useCombobox({ opened: true });
  const { selectFirstOption } = combobox;
  const wanted = typed.trim();
  const found = labels.filter((label) => label.toLowerCase().includes(wanted.toLowerCase())).slice(0, SHOWN);
  const isNew = isOpen && wanted !== "" && !labels.includes(wanted);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is listed first changes with what is typed
  useEffect(() => {
    selectFirstOption();
  }, [typed, selectFirstOption]);
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(label) => {
        onClose();
        onClass(label);
      }}
    >
      <Combobox.EventsTarget withExpandedAttribute>
        <TextInput
          aria-label="Class"
          placeholder="Type a part of it, then Enter"
          value={typed}
          maxLength={255}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            // The list is never closed, and would keep the key from the dialog.
            if (event.key === "Escape") onClose();
          }}
          autoComplete="off"
          data-autofocus
        />
      </Combobox.EventsTarget>
      <Combobox.Options className={classes.options} aria-label="Classes">
        {found.map((label) => (
          <Combobox.Option key={label} value={label}>
            <span className={classes.option}>
              <span className={sampleClasses.dot} style={{ background: labelColour(label, field) }} />
              {label}
            </span>
          </Combobox.Option>
        ))}
        {isNew ? <Combobox.Option value={wanted}>Use “{wanted}”</Combobox.Option> : null}
        {found.length === 0 && !isNew ? (
          <Text size="sm" c="dimmed" p="xs">
            No class has “{wanted}” in it.
          </Text>
        ) : null}
      </Combobox.Options>
    </Combobox>
  );
}
