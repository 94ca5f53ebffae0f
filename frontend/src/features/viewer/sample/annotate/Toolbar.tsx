import { ActionIcon, Divider, Tooltip } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconBrush,
  IconBucketDroplet,
  IconEraser,
  IconHandStop,
  IconLine,
  IconMinus,
  IconPlus,
  IconPointer,
  IconPolygon,
  IconSquare,
  IconVectorBezier2,
} from "@tabler/icons-react";
import { useSyncExternalStore } from "react";
import type { Easel } from "@/annotation/easel";
import { TOOLS, type ToolName } from "@/annotation/tools/tool";
import { useChosenKeys } from "@/lib/chosen-keys";
import { keysOf, SHORTCUTS, shownKeys } from "@/lib/shortcuts";
import { useUndo } from "../../labelling/use-undo";
import classes from "../sample.module.css";

const LOOK: Record<ToolName, { icon: typeof IconPlus; text: string }> = {
  select: { icon: IconPointer, text: "Select, move, resize" },
  box: { icon: IconSquare, text: "Box" },
  polygon: { icon: IconPolygon, text: "Polygon" },
  polyline: { icon: IconLine, text: "Line" },
  keypoints: { icon: IconVectorBezier2, text: "Keypoints" },
  brush: { icon: IconBrush, text: "Brush" },
  eraser: { icon: IconEraser, text: "Eraser" },
  flood: { icon: IconBucketDroplet, text: "Fill a region" },
  pan: { icon: IconHandStop, text: "Move the image" },
};

function useKeyOf(): (id: string) => string {
  const chosen = useChosenKeys();
  return (id) => {
    const shortcut = SHORTCUTS.flatMap(({ keys }) => keys).find((each) => each.id === id);
    const [chord] = shortcut ? keysOf(shortcut, chosen) : [];
    return chord
      ? shownKeys(chord)
          .map((part) => part.toUpperCase())
          .join(" + ")
      : "no key";
  };
}

interface Props {
  editor: Easel | null;
  /** Takes the page's place where changes are not saved one by one. */
  history?: ReturnType<typeof useUndo>;
}

/** The tools of what is being labelled, each with its key. */
export function Toolbar({ editor, history }: Props) {
  const page = useUndo();
  const { undo, redo } = history ?? page;
  const keyOf = useKeyOf();
  return (
    <div className={classes.tools} role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {editor ? <Tools editor={editor} keyOf={keyOf} /> : null}
      <Tooltip label={`Undo (${keyOf("annotate.undo")})`} position="right">
        <ActionIcon aria-label="Undo" onClick={undo}>
          <IconArrowBackUp size={19} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={`Redo (${keyOf("annotate.redo")})`} position="right">
        <ActionIcon aria-label="Redo" onClick={redo}>
          <IconArrowForwardUp size={19} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

function Tools({ editor, keyOf }: { editor: Easel; keyOf: (id: string) => string }) {
  const { tool, brush } = useSyncExternalStore(editor.subscribe, editor.snapshot);
  const paints = tool === "brush" || tool === "eraser";
  return (
    <>
      {TOOLS[editor.type].map((name) => {
        const { icon: Icon, text } = LOOK[name];
        return (
          <Tooltip key={name} label={`${text} (${keyOf(`annotate.${name}`)})`} position="right">
            <ActionIcon
              aria-label={text}
              aria-pressed={tool === name}
              variant={tool === name ? "light" : "subtle"}
              color={tool === name ? "petrol" : "gray"}
              onClick={() => editor.use(name)}
            >
              <Icon size={19} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
        );
      })}
      {paints ? (
        <>
          <ActionIcon aria-label="Larger brush" onClick={() => editor.resizeBrush(1)}>
            <IconPlus size={16} stroke={1.7} />
          </ActionIcon>
          <span className={classes.brush} title="Radius of the brush in pixels of the image">
            {brush}
          </span>
          <ActionIcon aria-label="Smaller brush" onClick={() => editor.resizeBrush(-1)}>
            <IconMinus size={16} stroke={1.7} />
          </ActionIcon>
        </>
      ) : null}
      <Divider w="60%" my={4} />
    </>
  );
}
