import { Checkbox } from "@mantine/core";
import { type MouseEvent, memo, useMemo } from "react";
import type { Field, Sample } from "@/api/types";
import { Chips } from "@/components/values/Chips";
import { isDrawn, spoken } from "@/components/values/labels";
import type { ColourBy } from "@/lib/colours";
import classes from "./grid.module.css";
import { DEFAULT_SIZE } from "./layout";
import { Overlay } from "./Overlay";

interface Props {
  sample: Sample;
  width: number;
  height: number;
  /** Pixels of the thumbnail's longer side. */
  size: number;
  fields: Field[];
  colourBy: ColourBy;
  selected: boolean;
  selecting: boolean;
  /** Whether the Tab key comes by; the arrow keys lead to the others. */
  isStop: boolean;
  onOpen: (id: number, event: MouseEvent) => void;
  onToggle: (id: number) => void;
  onPoint: (id: number | null) => void;
  onVisit: (id: number) => void;
}

/** One picture: click opens it, its corner or a modifier key selects it. */
export const SampleTile = memo(function SampleTile({
  sample,
  width,
  height,
  size,
  fields,
  colourBy,
  selected,
  ...rest
}: Props) {
  const chipped = useMemo(() => fields.filter(({ type }) => !isDrawn(type)), [fields]);
  const { selecting, isStop, onOpen, onToggle, onPoint, onVisit } = rest;
  return (
    <li
      className={classes.tile}
      style={{ width }}
      data-selected={selected || undefined}
      data-selecting={selecting || undefined}
      onPointerEnter={() => onPoint(sample.id)}
      onPointerLeave={() => onPoint(null)}
      onFocus={() => onVisit(sample.id)}
    >
      <button
        type="button"
        className={classes.open}
        aria-label={`Open ${sample.name}`}
        title={spoken(fields, sample.values)}
        data-sample={sample.id}
        tabIndex={isStop ? 0 : -1}
        onClick={(event) => onOpen(sample.id, event)}
      >
        <img
          src={size === DEFAULT_SIZE ? sample.thumbnail_url : `${sample.thumbnail_url}?size=${size}`}
          alt=""
          loading="lazy"
          decoding="async"
          draggable={false}
        />
        <Overlay sample={sample} fields={fields} colourBy={colourBy} width={width} height={height} />
      </button>
      <span className={classes.chips} aria-hidden="true">
        <Chips fields={chipped} values={sample.values} colourBy={colourBy} />
      </span>
      <Checkbox
        className={classes.pick}
        size="xs"
        aria-label={`Select ${sample.name}`}
        checked={selected}
        readOnly
        tabIndex={-1}
        onClick={(event) => (event.shiftKey ? onOpen(sample.id, event) : onToggle(sample.id))}
      />
    </li>
  );
});
