import { ActionIcon, Button, Checkbox, Group, SegmentedControl, Text, Tooltip } from "@mantine/core";
import { IconBraces, IconChevronLeft, IconChevronRight, IconX } from "@tabler/icons-react";
import type { Sample } from "@/api/types";
import { count } from "@/lib/format";
import { SaveState } from "../labelling/SaveState";
import classes from "./sample.module.css";

interface Props {
  sample: Sample | undefined;
  /** Index among the samples read so far; -1 when the view does not hold it. */
  place: number;
  loaded: number;
  total: number | null;
  selected: boolean;
  raw: boolean;
  annotates: boolean;
  /** Between exploring and annotating; not for those who may only look. */
  onMode: (() => unknown) | undefined;
  onStep: (by: 1 | -1) => void;
  onRaw: () => void;
  onSelect: () => void;
  onClose: () => void;
}

export function SampleBar({
  sample,
  place,
  loaded,
  total,
  selected,
  raw,
  annotates,
  onMode,
  ...does
}: Props) {
  const { onStep, onRaw, onSelect, onClose } = does;
  return (
    <div className={classes.bar}>
      <Checkbox size="xs" aria-label="Select this sample" checked={selected} onChange={onSelect} />
      <Text fw={600} truncate title={sample?.name}>
        {sample?.name}
      </Text>
      {sample ? (
        <Text size="sm" c="dimmed" className="tabular" style={{ flex: "none" }}>
          {sample.width} × {sample.height}
        </Text>
      ) : null}
      {onMode ? (
        <SegmentedControl
          size="xs"
          aria-label="Mode"
          data={["Explore", "Annotate"]}
          value={annotates ? "Annotate" : "Explore"}
          onChange={onMode}
        />
      ) : null}
      {onMode ? <SaveState /> : null}
      <Group gap={2} ml="auto" wrap="nowrap">
        {place >= 0 ? (
          <Text size="sm" c="dimmed" className="tabular" mr={6}>
            {count(place + 1)}
            {total === null ? "" : ` / ${count(total)}`}
          </Text>
        ) : null}
        <Tooltip label="Previous (← or D)">
          <ActionIcon aria-label="Previous sample" disabled={place <= 0} onClick={() => onStep(-1)}>
            <IconChevronLeft size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Next (→ or F)">
          <ActionIcon
            aria-label="Next sample"
            disabled={place < 0 || place >= loaded - 1}
            onClick={() => onStep(1)}
          >
            <IconChevronRight size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Raw JSON (j)">
          <Button
            size="compact-sm"
            variant={raw ? "light" : "subtle"}
            color={raw ? undefined : "gray"}
            aria-pressed={raw}
            leftSection={<IconBraces size={16} stroke={1.7} />}
            onClick={onRaw}
            mx={6}
          >
            JSON
          </Button>
        </Tooltip>
        <Tooltip label="Close (Esc)">
          <ActionIcon aria-label="Close the sample" onClick={onClose} data-autofocus>
            <IconX size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </div>
  );
}
