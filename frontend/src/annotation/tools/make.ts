/** Every tool, made anew each time it is taken up. */

import { BoxTool } from "./box";
import { BrushTool } from "./brush";
import { FloodTool } from "./flood";
import { PathTool } from "./path";
import { SelectTool } from "./select";
import type { Tool, ToolName } from "./tool";

export const MAKE: Record<ToolName, () => Tool> = {
  select: () => new SelectTool(),
  box: () => new BoxTool(),
  polygon: () => new PathTool("polygon"),
  polyline: () => new PathTool("polyline"),
  keypoints: () => new PathTool("keypoints"),
  brush: () => new BrushTool(false),
  eraser: () => new BrushTool(true),
  flood: () => new FloodTool(),
  pan: () => new SelectTool(),
};
