import { apiUrl } from "../http";

/** Where a small picture of a sample is to be had, for whoever knows no more of it than its id. */
export const thumbnailOf = (dataset: number, sample: number): string =>
  apiUrl(`/datasets/${dataset}/samples/${sample}/thumbnail/`, { size: 128 });
