import { useEffect, useMemo, useRef } from "react";
import { drawLabels } from "@/annotation/draw";
import type { Field, Sample } from "@/api/types";
import type { ColourBy } from "@/lib/colours";
import { keptMaskPicture } from "../mask-pictures";
import classes from "./grid.module.css";
import { contained } from "./layout";
import { type Overlays, overlaysOf } from "./overlays";

interface Props {
  sample: Sample;
  fields: Field[];
  colourBy: ColourBy;
  width: number;
  height: number;
}

const LINE = 1.8;
const MASK = { opacity: 0.5, longest: 320 };
const NAMED_FROM = 180;
const NAMES = 12;

/** What the fields say lies on the picture, drawn over it; nothing where they say nothing. */
export function Overlay({ sample, fields, colourBy, width, height }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlays = useMemo(
    () => overlaysOf(fields, sample.values, colourBy),
    [fields, sample.values, colourBy],
  );
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const frame = contained(sample, width, height);
    const ratio = window.devicePixelRatio || 1;
    let isWanted = true;
    const paint = (masks: CanvasImageSource[]) => {
      context.canvas.width = Math.round(width * ratio);
      context.canvas.height = Math.round(height * ratio);
      context.scale(ratio, ratio);
      context.translate(frame.x, frame.y);
      drawMasks(context, masks, frame);
      drawOutlines(context, overlays, frame);
    };
    paint([]);
    // Masks come when they have been read; a picture without one has nothing to wait for.
    if (overlays.masks.length > 0) {
      Promise.all(overlays.masks.map((mask) => keptMaskPicture(mask, MASK).catch(() => null))).then(
        (found) => {
          if (isWanted) paint(found.filter((mask) => mask !== null));
        },
      );
    }
    return () => {
      isWanted = false;
    };
  }, [overlays, sample, width, height]);
  const isEmpty = overlays.masks.length === 0 && overlays.outlines.length === 0;
  return isEmpty ? null : <canvas ref={canvas} className={classes.overlay} />;
}

interface Frame {
  width: number;
  height: number;
}

function drawMasks(context: CanvasRenderingContext2D, masks: CanvasImageSource[], { width, height }: Frame) {
  context.imageSmoothingEnabled = false;
  for (const mask of masks) context.drawImage(mask, 0, 0, width, height);
}

function drawOutlines(context: CanvasRenderingContext2D, { outlines }: Overlays, { width, height }: Frame) {
  const number = outlines.reduce((sum, { labels }) => sum + labels.length, 0);
  const named = height >= NAMED_FROM && number <= NAMES;
  for (const { labels, colourOf } of outlines) {
    drawLabels(context, labels, { width, height, colourOf, lineWidth: LINE, named });
  }
}
