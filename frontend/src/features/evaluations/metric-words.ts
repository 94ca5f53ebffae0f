/** Metrics in words: their names, what they say, and how their values are written. */

import { number, percent } from "@/lib/format";

interface Words {
  name: string;
  says: string;
  /** Not a share of one, but a number of the field's own unit. */
  plain?: boolean;
  /** Smaller is better; of a bias, nearer to nothing. */
  less?: boolean;
}

const EVERY: Record<string, Words> = {
  accuracy: { name: "Accuracy", says: "Samples whose label is right." },
  subset_accuracy: { name: "Exact match", says: "Samples all of whose labels are right, and no other." },
  map: { name: "mAP", says: "Mean average precision; of boxes, over the IoU thresholds 0.50 to 0.95." },
  map_50: { name: "mAP at 0.50", says: "Boxes that overlap by half count as found." },
  map_75: { name: "mAP at 0.75", says: "Boxes have to overlap by three quarters." },
  map_small: { name: "mAP small", says: "Of boxes up to 32 × 32 pixels." },
  map_medium: { name: "mAP medium", says: "Of boxes from 32 × 32 to 96 × 96 pixels." },
  map_large: { name: "mAP large", says: "Of boxes from 96 × 96 pixels." },
  mar_1: { name: "Recall, 1 box", says: "Average recall with the surest box per class and image." },
  mar_10: { name: "Recall, 10 boxes", says: "Average recall with the 10 surest boxes per class and image." },
  mar_100: { name: "Recall, 100 boxes", says: "Average recall with up to 100 boxes per class and image." },
  mar_small: { name: "Recall small", says: "Average recall of boxes up to 32 × 32 pixels." },
  mar_medium: { name: "Recall medium", says: "Average recall of boxes from 32 × 32 to 96 × 96 pixels." },
  mar_large: { name: "Recall large", says: "Average recall of boxes from 96 × 96 pixels." },
  mean_iou: { name: "Mean IoU", says: "Intersection over union, averaged over the classes." },
  weighted_iou: { name: "Weighted IoU", says: "IoU of the classes, weighted by their pixels." },
  pixel_accuracy: { name: "Pixel accuracy", says: "Pixels whose class is right." },
  precision_micro: { name: "Precision", says: "Of all that was predicted, what is right." },
  recall_micro: { name: "Recall", says: "Of all that is there, what was found." },
  f1_micro: { name: "F1", says: "The harmonic mean of precision and recall, over all labels." },
  precision_macro: { name: "Macro precision", says: "The precision of the classes, each counted alike." },
  recall_macro: { name: "Macro recall", says: "The recall of the classes, each counted alike." },
  f1_macro: { name: "Macro F1", says: "The F1 of the classes, each counted alike." },
  precision_weighted: { name: "Weighted precision", says: "The precision of the classes, by their size." },
  recall_weighted: { name: "Weighted recall", says: "The recall of the classes, by their size." },
  f1_weighted: { name: "Weighted F1", says: "The F1 of the classes, by their size." },
  mae: { name: "MAE", says: "How far predictions are off, on average.", plain: true, less: true },
  rmse: { name: "RMSE", says: "The same, with great errors counting more.", plain: true, less: true },
  r2: { name: "R²", says: "The share of the spread that is explained; 1 is all of it.", plain: true },
  bias: { name: "Bias", says: "Predictions are too high by this, on average.", plain: true, less: true },
};

const KEY = ["map", "accuracy", "mean_iou", "f1_micro", "mae"];

export const words = (metric: string): Words =>
  EVERY[metric] ?? { name: metric.replaceAll("_", " "), says: "", plain: true };

/** Beside the figures over all labels, these say little new. */
const SPARED = /_weighted$|^(precision|recall)_macro$/;

/** The metrics that are shown, in their order. */
export function listed(metrics: Record<string, number>): string[] {
  const isSpared = (name: string) => metrics.f1_micro !== undefined && SPARED.test(name);
  const known = Object.keys(EVERY).filter((name) => metrics[name] !== undefined && !isSpared(name));
  return [...known, ...Object.keys(metrics).filter((name) => !EVERY[name])];
}

/** The one metric that a list shows. */
export const keyMetric = (metrics: Record<string, number>): string | undefined =>
  KEY.find((name) => metrics[name] !== undefined);

export function shown(metric: string, value: number): string {
  return words(metric).plain ? number(value) : percent(value, 1);
}

export interface Difference {
  text: string;
  /** Whether it is for the better, or neither. */
  better: boolean | null;
}

const NOTHING = 5e-5;

/** How much better `value` is than `other`: "+1.2 pp", green or red. */
export function difference(metric: string, value: number, other: number): Difference {
  const { plain, less } = words(metric);
  const by = value - other;
  const text = plain ? number(by) : `${(by * 100).toFixed(1)} pp`;
  if (Math.abs(by) < NOTHING) return { text: "no change", better: null };
  const gain = less ? Math.abs(other) - Math.abs(value) : by;
  return { text: by > 0 ? `+${text}` : text.replace("-", "−"), better: gain === 0 ? null : gain > 0 };
}
