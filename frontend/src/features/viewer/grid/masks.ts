/** Masks as coloured pictures, small and kept: a tile that comes into sight again shows its mask at once. */

import type { Mask } from "./overlays";

const MOST_KEPT = 300;
const LONGEST = 320;
const kept = new Map<string, Promise<HTMLCanvasElement>>();

const rgb = (hex: string): [number, number, number] => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5, 7), 16),
];

function sheet(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser draws no canvas.");
  return [canvas, context];
}

async function read(mask: Mask): Promise<HTMLCanvasElement> {
  const image = new Image();
  image.src = mask.url;
  await image.decode();
  const scale = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
  const [canvas, context] = sheet(
    Math.max(1, Math.round(image.naturalWidth * scale)),
    Math.max(1, Math.round(image.naturalHeight * scale)),
  );
  // Class numbers have no middle: between 3 and 5 lies no 4.
  context.imageSmoothingEnabled = mask.isHeat;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  paint(pixels.data, mask);
  context.putImageData(pixels, 0, 0);
  return canvas;
}

const HEAT: [number, number, number] = [230, 60, 30];

function paint(data: Uint8ClampedArray, { isHeat, colourOf }: Mask): void {
  const inks = new Map<number, [number, number, number]>();
  for (let at = 0; at < data.length; at += 4) {
    const value = data[at] ?? 0;
    let ink = isHeat ? HEAT : inks.get(value);
    if (!ink) {
      ink = rgb(colourOf(value));
      inks.set(value, ink);
    }
    data[at] = ink[0];
    data[at + 1] = ink[1];
    data[at + 2] = ink[2];
    data[at + 3] = isHeat ? value : value === 0 ? 0 : 255;
  }
}

/** The mask, coloured; read and decoded once. */
export function maskPicture(mask: Mask): Promise<HTMLCanvasElement> {
  const known = kept.get(mask.key);
  const found = known ?? read(mask);
  // What was asked for last is forgotten last.
  kept.delete(mask.key);
  kept.set(mask.key, found);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return found;
}
