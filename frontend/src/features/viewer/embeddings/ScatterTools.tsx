import { ActionIcon, Tooltip } from "@mantine/core";
import {
  IconArrowsMove,
  IconEye,
  IconLasso,
  IconMarquee,
  IconMaximize,
  IconMinus,
  IconPlus,
} from "@tabler/icons-react";
import classes from "./embeddings.module.css";
import type { Tool } from "./use-scatter";

interface Props {
  tool: Tool;
  onTool: (tool: Tool) => void;
  onZoom: (factor: number) => void;
  onFit: () => void;
  onSight: () => void;
}

const TOOLS = [
  { tool: "lasso", label: "Lasso: draw around points. Shift adds, Alt takes out.", Icon: IconLasso },
  { tool: "box", label: "Box: draw a rectangle. Shift adds, Alt takes out.", Icon: IconMarquee },
  { tool: "pan", label: "Move the plot", Icon: IconArrowsMove },
] as const;

const STEP = 1.5;

export function ScatterTools({ tool, onTool, onZoom, onFit, onSight }: Props) {
  return (
    <div className={classes.tools} role="toolbar" aria-label="Plot">
      {TOOLS.map(({ tool: each, label, Icon }) => (
        <Tooltip key={each} label={label} position="left">
          <ActionIcon
            aria-label={label}
            aria-pressed={tool === each}
            variant={tool === each ? "light" : "subtle"}
            color={tool === each ? "petrol" : "gray"}
            onClick={() => onTool(each)}
          >
            <Icon size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      ))}
      <Act label="Choose what is in sight" Icon={IconEye} onClick={onSight} />
      <Act label="Zoom in" Icon={IconPlus} onClick={() => onZoom(STEP)} />
      <Act label="Zoom out" Icon={IconMinus} onClick={() => onZoom(1 / STEP)} />
      <Act label="Show all points" Icon={IconMaximize} onClick={onFit} />
    </div>
  );
}

function Act({ label, Icon, onClick }: { label: string; Icon: typeof IconEye; onClick: () => void }) {
  return (
    <Tooltip label={label} position="left">
      <ActionIcon aria-label={label} onClick={onClick}>
        <Icon size={18} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}
