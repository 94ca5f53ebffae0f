/** Segmentations and heat maps of a sample as images in colour, to be laid over its picture. */

import { useEffect, useMemo, useState } from "react";
import type { Field, Sample } from "@/api/types";
import { maskOf, maskPicture } from "../mask-pictures";

export const MASK_OPACITY = 0.47;
const HEAT_OPACITY = 0.75;

export function useMasks(fields: readonly Field[], sample: Sample): HTMLCanvasElement[] {
  const found = fields.flatMap((field) => maskOf(field, sample.values[field.name]));
  const key = found.map((mask) => mask.key).join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same key is the same masks
  const wanted = useMemo(() => found, [key]);
  const [masks, setMasks] = useState<HTMLCanvasElement[]>([]);
  useEffect(() => {
    let isWanted = true;
    const all = wanted.map((mask) =>
      maskPicture(mask, { opacity: mask.isHeat ? HEAT_OPACITY : MASK_OPACITY }).catch(() => null),
    );
    Promise.all(all).then((made) => isWanted && setMasks(made.filter((each) => each !== null)));
    return () => {
      isWanted = false;
    };
  }, [wanted]);
  return masks;
}
