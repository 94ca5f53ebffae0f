/** Segmentations and heat maps of a sample as images in colour, to be laid over its picture. */

import { useEffect, useState } from "react";
import { tinted } from "@/annotation/mask-pixels";
import type { Field, Sample } from "@/api/types";
import { colourOf, labelColour } from "@/lib/colours";

interface Mask {
  url: string;
  kind: "segmentation" | "heatmap";
  colours: string[];
}

const MOST_CLASSES = 256;

function masksOf(fields: readonly Field[], sample: Sample): Mask[] {
  return fields.flatMap((field): Mask[] => {
    if (field.type !== "segmentation" && field.type !== "heatmap") return [];
    const value = sample.values[field.name] as { url?: unknown } | undefined;
    if (typeof value?.url !== "string") return [];
    const colours =
      field.type === "heatmap"
        ? [colourOf(field.name)]
        : Array.from({ length: MOST_CLASSES }, (_, index) =>
            labelColour(field.classes[index] ?? String(index), field.colors),
          );
    return [{ url: value.url, kind: field.type, colours }];
  });
}

async function painted({ url, kind, colours }: Mask): Promise<HTMLCanvasElement | null> {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  tinted(pixels.data, kind, colours);
  context.putImageData(pixels, 0, 0);
  return canvas;
}

export function useMasks(fields: readonly Field[], sample: Sample): HTMLCanvasElement[] {
  const wanted = JSON.stringify(masksOf(fields, sample));
  const [masks, setMasks] = useState<HTMLCanvasElement[]>([]);
  useEffect(() => {
    let isWanted = true;
    const all = (JSON.parse(wanted) as Mask[]).map((mask) => painted(mask).catch(() => null));
    Promise.all(all).then((made) => isWanted && setMasks(made.filter((each) => each !== null)));
    return () => {
      isWanted = false;
    };
  }, [wanted]);
  return masks;
}
