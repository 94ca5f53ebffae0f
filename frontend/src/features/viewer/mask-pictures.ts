/** Masks as coloured pictures, from their address or from the runs that were painted. */

import { type Look, tinted } from "@/annotation/mask-pixels";
import { hasVoid, VOID } from "@/annotation/painter";
import { decoded, isRuns, type Runs, resized } from "@/annotation/runs";
import { readRuns } from "@/api/samples/get-runs";
import type { Field } from "@/api/types";
import { isPixels } from "@/components/values/labels";
import { type ColourBy, colourIn } from "@/lib/colours";

/** A picture of class numbers, or of heat. */
export interface Mask extends Pick<Look, "isHeat" | "colourOf"> {
  from: string | Runs;
  /** The same for what looks the same. */
  key: string;
}

interface How {
  opacity: number;
  /** Pixels of the longer side, at most. */
  longest?: number;
}

/** What gives a class number of a field its colour: the one table that its labels have too. */
export const classColour =
  (field: Field, by: ColourBy = "label") =>
  (index: number): string =>
    colourIn(field, named(field, index) ?? String(index), by);

/** What a class number of a field means. */
export const className = (field: Pick<Field, "classes">, index: number): string =>
  named(field, index) ?? `class ${index}`;

const named = ({ classes }: Pick<Field, "classes">, index: number): string | undefined =>
  classes[index] ?? (index === VOID.ink && hasVoid(classes) ? VOID.name : undefined);

/** The mask that a value is, if it is one. */
export function maskOf(field: Field, value: unknown, by: ColourBy = "label"): Mask[] {
  if (!isPixels(field.type)) return [];
  const from = isRuns(value) ? value : (value as { url?: unknown } | null | undefined)?.url;
  if (typeof from !== "string" && !isRuns(from)) return [];
  const key = JSON.stringify([from, by, field.name, field.colors, field.classes]);
  return [{ from, isHeat: field.type === "heatmap", colourOf: classColour(field, by), key }];
}

/** A canvas of this size; one that is written and never read may stay with the graphics card. */
export function blankSheet(width: number, height: number, isRead = true): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: isRead });
  if (!context) throw new Error("This browser draws no canvas.");
  return context;
}

const fitting = (width: number, height: number, longest = Number.POSITIVE_INFINITY) => {
  const scale = Math.min(1, longest / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))] as const;
};

/** The mask, coloured. Rejects where it cannot be read. */
export async function maskPicture(mask: Mask, { opacity, longest }: How): Promise<HTMLCanvasElement> {
  const look: Look = { ...mask, opacity };
  if (typeof mask.from !== "string") return ofRuns(mask.from, look, longest);
  const answer = await fetch(mask.from);
  if (!answer.ok) throw new Error(`The mask could not be read (${answer.status}).`);
  const file = await answer.blob();
  if (!mask.isHeat && !(await isOfBytes(file))) return ofRuns(await readRuns(mask.from), look, longest);
  const image = await createImageBitmap(file, { colorSpaceConversion: "none" });
  const [width, height] = fitting(image.width, image.height, longest);
  const context = blankSheet(width, height);
  // Class numbers have no middle: between 3 and 5 lies no 4.
  context.imageSmoothingEnabled = mask.isHeat;
  context.drawImage(image, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return inked(context, data, data, look, 4);
}

const HEADER = 26;

/** Whether a PNG has one byte of grey for each pixel: of all others a browser shows other numbers than are in it. */
export async function isOfBytes(file: Blob): Promise<boolean> {
  const header = new Uint8Array(await file.slice(0, HEADER).arrayBuffer());
  const [depth, kind] = header.slice(24);
  return depth === 8 && kind === 0;
}

function ofRuns(runs: Runs, look: Look, longest?: number): HTMLCanvasElement {
  const [width, height] = fitting(runs.size[1], runs.size[0], longest);
  const numbers = resized(decoded(runs), runs.size, [height, width]);
  return inked(blankSheet(width, height), numbers, new Uint8ClampedArray(4 * width * height), look);
}

function inked(
  context: CanvasRenderingContext2D,
  numbers: ArrayLike<number>,
  pixels: Uint8ClampedArray<ArrayBuffer>,
  look: Look,
  stride = 1,
): HTMLCanvasElement {
  tinted(numbers, pixels, look, stride);
  context.putImageData(new ImageData(pixels, context.canvas.width), 0, 0);
  return context.canvas;
}

const MOST_KEPT = 300;
const kept = new Map<string, Promise<HTMLCanvasElement>>();

/** The mask, small, made once: a tile that comes into sight again shows it at once. */
export function keptMaskPicture(mask: Mask, how: How & { longest: number }): Promise<HTMLCanvasElement> {
  const found = kept.get(mask.key) ?? maskPicture(mask, how);
  // What could not be read may be there the next time.
  found.catch(() => kept.get(mask.key) === found && kept.delete(mask.key));
  // What was asked for last is forgotten last.
  kept.delete(mask.key);
  kept.set(mask.key, found);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return found;
}
