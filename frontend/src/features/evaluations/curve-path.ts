/** Precision over recall as the path of an SVG. */

export const FRAME = { width: 480, height: 320, left: 38, right: 12, top: 10, bottom: 34 };

export const x = (recall: number): number => FRAME.left + recall * (FRAME.width - FRAME.left - FRAME.right);

export const y = (precision: number): number =>
  FRAME.top + (1 - precision) * (FRAME.height - FRAME.top - FRAME.bottom);

const short = (value: number): string => String(Math.round(value * 10) / 10);

/** Precisions at equal steps of recall; the line ends where no more is found. */
export function path(precision: number[]): string {
  const last = precision.findLastIndex((value) => value > 0);
  const steps = precision.length - 1;
  return precision
    .slice(0, last + 1)
    .map((value, place) => `${place === 0 ? "M" : "L"}${short(x(place / steps))} ${short(y(value))}`)
    .join("");
}
