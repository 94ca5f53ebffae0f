import { useElementSize, useMergedRef } from "@mantine/hooks";
import { useEffect, useMemo, useRef } from "react";
import type { Points } from "@/api/types";
import type { Loop } from "@/lib/filter";
import classes from "./embeddings.module.css";
import { type Extent, type Point, rectangle, type Scale } from "./geometry";
import { Hovered } from "./Hovered";
import { painted } from "./painting";
import { ScatterTools } from "./ScatterTools";
import type { Mode } from "./term";
import { type Tool, useScatter } from "./use-scatter";

interface Props {
  points: Points;
  /** Per point 0xRRGGBB. */
  colours: Uint32Array;
  chosen: Uint8Array | null;
  loops: Loop[];
  tool: Tool;
  onTool: (tool: Tool) => void;
  /** What the plot shows, for those who cannot see it. */
  label: string;
  onDrawn: (corners: Point[], mode: Mode) => void;
  onClear: () => void;
  onOpen: (sample: number) => void;
}

/** The points on a canvas, to be drawn around. */
export function Scatter(props: Props) {
  const { points, colours, chosen, loops, tool, label } = props;
  const { ref: sizer, width, height } = useElementSize<HTMLDivElement>();
  const scatter = useScatter({
    cloud: points,
    extent: points.extent as Extent,
    width,
    height,
    tool,
    onDrawn: props.onDrawn,
    onClear: props.onClear,
    onOpen: (index) => {
      const sample = points.samples[index];
      if (sample !== undefined) props.onOpen(sample);
    },
  });
  const { scale, line, hovered } = scatter;
  const canvas = useCanvas(points, scale, width, height, colours, chosen);
  const ref = useMergedRef(sizer, scatter.setStage);
  return (
    <div className={classes.plot}>
      <div
        ref={ref}
        className={classes.stage}
        data-tool={tool}
        role="application"
        aria-label={`${label} Arrows move, + and − zoom, 0 fits, Enter chooses what is in sight.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move and choose, as the label says
        tabIndex={0}
        {...scatter.hand}
      >
        <canvas ref={canvas} className={classes.canvas} data-testid="points" />
        <svg className={classes.lines} aria-hidden="true">
          <title>Drawn lines</title>
          {loops.map((loop) => {
            const corners = "add" in loop ? loop.add : loop.subtract;
            return (
              <path
                key={JSON.stringify(loop)}
                d={`${path(corners.map(([x, y]) => [scale.left + x * scale.scale, scale.top - y * scale.scale]))}Z`}
                data-subtracts={"subtract" in loop || undefined}
              />
            );
          })}
          {line ? <path d={path(tool === "box" ? boxOf(line) : line)} data-drawing /> : null}
        </svg>
        {hovered >= 0 ? <Hovered points={points} index={hovered} scale={scale} width={width} /> : null}
      </div>
      <ScatterTools
        tool={tool}
        onTool={props.onTool}
        onZoom={scatter.zoom}
        onFit={scatter.fit}
        onSight={() => scatter.chooseSight("replace")}
      />
    </div>
  );
}

const path = (line: readonly (readonly number[])[]): string =>
  line.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join("");

function boxOf(line: readonly Point[]): Point[] {
  const [from, to] = [line[0], line.at(-1)];
  return from && to ? [...rectangle(from, to), from] : [];
}

/** Paints once per frame at most. */
function useCanvas(
  points: Points,
  { scale, left, top }: Scale,
  width: number,
  height: number,
  colours: Uint32Array,
  chosen: Uint8Array | null,
) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const cloud = useMemo(() => ({ x: Float64Array.from(points.x), y: Float64Array.from(points.y) }), [points]);
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const context = canvas.current?.getContext("2d");
      if (!context || width === 0 || height === 0) return;
      const ratio = window.devicePixelRatio || 1;
      const [wide, tall] = [Math.round(width * ratio), Math.round(height * ratio)];
      context.canvas.width = wide;
      context.canvas.height = tall;
      const pixels = painted(cloud, { scale, left, top }, wide, tall, { colours, chosen, ratio });
      context.putImageData(
        new ImageData(new Uint8ClampedArray(pixels.buffer as ArrayBuffer), wide, tall),
        0,
        0,
      );
    });
    return () => cancelAnimationFrame(frame);
  }, [cloud, scale, left, top, width, height, colours, chosen]);
  return canvas;
}
