import { Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { drawLabels } from "@/annotation/draw";
import { isShapeType, shapesOf } from "@/annotation/shapes";
import type { Field, Sample } from "@/api/types";
import { Tags } from "@/components/Tags";
import { isPixels } from "@/components/values/labels";
import { ValueContent } from "@/components/values/ValueContent";
import { labelColour } from "@/lib/colours";
import { maskOf, maskPicture } from "../mask-pictures";
import classes from "./labelling.module.css";

interface Props {
  name: string;
  when: string;
  field: Field | undefined;
  sample: Sample | undefined;
  value: unknown;
}

/** One of two versions of a value: on the picture where it has a place there, and in words. */
export function Version({ name, when, field, sample, value }: Props) {
  return (
    <section className={classes.version} aria-label={name}>
      <Text fw={600}>
        {name}{" "}
        <Text span size="sm" c="dimmed">
          {when}
        </Text>
      </Text>
      {field && sample && (isShapeType(field.type) || isPixels(field.type)) ? (
        <Picture {...{ field, sample, value }} />
      ) : null}
      <div className={classes.content}>
        {value === null ? <Text c="dimmed">No value</Text> : null}
        {value !== null && field ? <ValueContent field={field} value={value} /> : null}
        {value !== null && !field ? <Tags tags={value as string[]} /> : null}
      </div>
    </section>
  );
}

const SIDE = 640;

function Picture({ field, sample, value }: { field: Field; sample: Sample; value: unknown }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scale = Math.min(1, SIDE / Math.max(sample.width, sample.height, 1)) || 1;
  const [width, height] = [Math.max(1, sample.width * scale), Math.max(1, sample.height * scale)];
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    let isWanted = true;
    const image = new Image();
    image.src = sample.media_url;
    const masks = maskOf(field, value).map((mask) => maskPicture(mask, { opacity: 0.6, longest: SIDE }));
    // What cannot be read is left out; the words beside it tell the rest.
    Promise.allSettled([image.decode().then(() => image), ...masks]).then((layers) => {
      if (!isWanted) return;
      for (const layer of layers) {
        if (layer.status === "fulfilled") context.drawImage(layer.value, 0, 0, width, height);
      }
      const colourOf = ({ label }: { label: string }) => labelColour(label, field);
      drawLabels(context, shapesOf(value), { width, height, colourOf });
    });
    return () => {
      isWanted = false;
    };
  }, [sample.media_url, value, field, width, height]);
  return (
    <div className={classes.picture} aria-hidden="true">
      <canvas ref={canvas} width={width} height={height} />
    </div>
  );
}
