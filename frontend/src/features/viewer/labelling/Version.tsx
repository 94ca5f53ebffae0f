import { Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { drawLabels } from "@/annotation/draw";
import { isShapeType, shapesOf } from "@/annotation/shapes";
import type { Field, Sample } from "@/api/types";
import { Tags } from "@/components/Tags";
import { ValueContent } from "@/components/values/ValueContent";
import { labelColour } from "@/lib/colours";
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
      {field && sample && isShapeType(field.type) ? <Picture {...{ field, sample, value }} /> : null}
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
    const image = new Image();
    image.onload = () => {
      context.drawImage(image, 0, 0, width, height);
      const colourOf = ({ label }: { label: string }) => labelColour(label, field.colors);
      drawLabels(context, shapesOf(value), { width, height, colourOf });
    };
    image.src = sample.media_url;
  }, [sample.media_url, value, field.colors, width, height]);
  return (
    <div className={classes.picture} aria-hidden="true">
      <canvas ref={canvas} width={width} height={height} />
    </div>
  );
}
