/** Many files go in several requests: each well under the server's limits, each with its own part of the report. */

const MOST_FILES = 100;
const MOST_BYTES = 64 * 1024 * 1024;

export const isZip = (file: Pick<File, "name">): boolean => file.name.toLowerCase().endsWith(".zip");

/** A zip, or an image that is larger than a request: sent in pieces, and gone on with after whatever broke off. */
export const goesInPieces = (file: Pick<File, "name" | "size">): boolean =>
  isZip(file) || file.size > MOST_BYTES;

export const sizeOf = (files: Pick<File, "size">[]): number =>
  files.reduce((sum, file) => sum + file.size, 0);

/** Zips travel alone; images in groups of at most 100 files and 64 MiB, in their order. */
export function batchesOf<T extends Pick<File, "name" | "size">>(files: T[]): T[][] {
  const batches: T[][] = [];
  let open: T[] = [];
  let size = 0;
  for (const file of files) {
    if (goesInPieces(file)) {
      batches.push([file]);
      continue;
    }
    if (open.length > 0 && (open.length === MOST_FILES || size + file.size > MOST_BYTES)) {
      batches.push(open);
      open = [];
      size = 0;
    }
    open.push(file);
    size += file.size;
  }
  if (open.length > 0) batches.push(open);
  return batches;
}
