import { Text } from "@mantine/core";
import { IconCloudUpload } from "@tabler/icons-react";
import { type DragEvent, useState } from "react";
import classes from "./DropArea.module.css";

interface Props {
  label: string;
  hint?: string;
  /** As the `accept` of a file input; dropped files are not judged by it, the server does. */
  accept?: string;
  multiple?: boolean;
  onFiles: (files: File[]) => void;
}

/** A place to drop files on; it is also an ordinary file input for keyboard and screen reader. */
export function DropArea({ label, hint, accept, multiple = false, onFiles }: Props) {
  const [over, setOver] = useState(false);

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const files = [...event.dataTransfer.files];
    if (files.length > 0) onFiles(multiple ? files : files.slice(0, 1));
  }

  return (
    <label
      className={classes.area}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <input
        type="file"
        className={classes.input}
        aria-label={label}
        accept={accept}
        multiple={multiple}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
      <IconCloudUpload size={30} stroke={1.3} className={classes.icon} aria-hidden="true" />
      <Text fw={600}>{label}</Text>
      {hint ? (
        <Text size="sm" c="dimmed">
          {hint}
        </Text>
      ) : null}
    </label>
  );
}
