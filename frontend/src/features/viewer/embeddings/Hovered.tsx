import { thumbnailOf } from "@/api/samples/thumbnail";
import type { Points } from "@/api/types";
import { useView } from "../view";
import classes from "./embeddings.module.css";
import type { Scale } from "./geometry";

const WIDTH = 116;
const AWAY = 14;

interface Props {
  points: Points;
  index: number;
  scale: Scale;
  /** Of the stage: near its right edge the picture stands on the left. */
  width: number;
}

/** The picture and the label of the point under the hand. */
export function Hovered({ points, index, scale: { scale, left, top }, width }: Props) {
  const { dataset } = useView();
  const x = left + (points.x[index] ?? 0) * scale;
  const y = top - (points.y[index] ?? 0) * scale;
  const place = points.labels[index];
  const label = place === null || place === undefined ? null : points.classes[place];
  const sample = points.samples[index];
  if (sample === undefined) return null;
  return (
    <figure
      className={classes.hovered}
      style={{ left: x + AWAY + WIDTH > width ? x - AWAY - WIDTH : x + AWAY, top: Math.max(4, y - 60) }}
    >
      <img src={thumbnailOf(dataset.id, sample)} alt="" />
      <figcaption>{label ?? `Sample ${sample}`}</figcaption>
    </figure>
  );
}
