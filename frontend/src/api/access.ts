/** Rights are cumulative; the owner has them all. */

import type { DatasetRight, ModelRight } from "./types";

const DATASET: readonly DatasetRight[] = ["view", "label", "edit", "owner"];
const MODEL: readonly ModelRight[] = ["view", "run", "edit", "owner"];

export const mayOnDataset = (has: DatasetRight, wanted: DatasetRight): boolean =>
  DATASET.indexOf(has) >= DATASET.indexOf(wanted);

export const mayOnModel = (has: ModelRight, wanted: ModelRight): boolean =>
  MODEL.indexOf(has) >= MODEL.indexOf(wanted);
