import type { Bin } from "@/api/types";
import { count } from "@/lib/format";
import classes from "./distributions.module.css";

interface Props {
  bins: Bin[];
  height: number;
  /** What is picked; bars outside stand back. */
  range?: { min?: number; max?: number };
  format: (value: number) => string;
  /** With it the bars are buttons. */
  onPick?: (bin: Bin) => void;
  /** What the bars are of, for those who cannot see them. */
  of: string;
}

const WIDTH = 240;
const GAP = 1;

const isInside = (bin: Bin, { min, max }: { min?: number; max?: number }) =>
  (min === undefined || bin.to > min) && (max === undefined || bin.from < max);

/** How many samples lie in each part of a range. */
export function Histogram({ bins, height, range = {}, format, onPick, of }: Props) {
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const width = WIDTH / bins.length;
  const told = (bin: Bin) => `${format(bin.from)} – ${format(bin.to)}: ${count(bin.count)}`;
  return (
    <div className={classes.histogram} style={{ height }}>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {bins.map((bin, index) => {
          // A single sample among many thousands is still to be seen.
          const tall = bin.count === 0 ? 0 : Math.max(2, (bin.count / most) * (height - 1));
          return (
            <rect
              key={bin.from}
              x={index * width}
              y={height - tall}
              width={Math.max(1, width - GAP)}
              height={tall}
              className={classes.bar}
              data-outside={!isInside(bin, range) || undefined}
            />
          );
        })}
      </svg>
      {onPick ? (
        <ul className={classes.picks} aria-label={`Histogram of ${of}`}>
          {bins.map((bin) => (
            <li key={bin.from}>
              <button
                type="button"
                className={classes.pick}
                title={told(bin)}
                aria-label={told(bin)}
                aria-pressed={range.min !== undefined && range.max !== undefined && isInside(bin, range)}
                disabled={bin.count === 0}
                onClick={() => onPick(bin)}
              />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
