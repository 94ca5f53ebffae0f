import { Group, RangeSlider, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import type { Bin } from "@/api/types";
import { rangeOf, withRange } from "@/lib/conditions";
import { number } from "@/lib/format";
import { Histogram } from "../distributions/Histogram";
import { useView } from "../view";

interface Props {
  path: string;
  title: string;
  bounds: { min: number; max: number };
  bins?: Bin[];
  format?: (value: number) => string;
  /** Whether only whole numbers occur. */
  whole?: boolean;
}

const STEPS = 100;
const HEIGHT = 36;

/** A range of numbers under its histogram; an end that stands at its bound is no condition. */
export function RangeFilter({ path, title, bounds: { min, max }, bins = [], format = number, whole }: Props) {
  const { search, change } = useView();
  const range = rangeOf(search.filter, path);
  const from = range.min ?? min;
  const to = range.max ?? max;
  const [value, setValue] = useState<[number, number]>([from, to]);
  useEffect(() => setValue([from, to]), [from, to]);
  if (min >= max) return null;
  const step = (max - min) / STEPS;
  return (
    <div>
      <Group justify="space-between" mb={2}>
        <Text size="xs" c="dimmed">
          {title}
        </Text>
        <Text size="xs" className="tabular">
          {format(value[0])} – {format(value[1])}
        </Text>
      </Group>
      {bins.length > 1 ? (
        <div style={{ padding: "0 6px" }}>
          <Histogram
            of={title}
            bins={bins}
            height={HEIGHT}
            range={{ min: value[0], max: value[1] }}
            format={format}
          />
        </div>
      ) : null}
      <RangeSlider
        size="xs"
        mx={6}
        label={null}
        min={min}
        max={max}
        step={whole ? Math.max(1, Math.round(step)) : step}
        minRange={0}
        value={value}
        onChange={setValue}
        onChangeEnd={([low, high]) =>
          change({
            filter: withRange(search.filter, path, {
              min: low > min ? low : undefined,
              max: high < max ? high : undefined,
            }),
          })
        }
        thumbFromLabel={`${path} from`}
        thumbToLabel={`${path} to`}
      />
    </div>
  );
}
