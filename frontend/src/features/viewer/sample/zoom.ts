/** Where a zoomed picture stands: `scale` 1 fits it into its stage, `x` and `y` move it in pixels. */

export interface Placement {
  scale: number;
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** The picture's place in the stage, in pixels. */
export interface Rect extends Size {
  left: number;
  top: number;
}

export const FITTED: Placement = { scale: 1, x: 0, y: 0 };
const MOST = 40;
const MARGIN = 16;
/** How much of the stage labels fill that are zoomed to. */
const FILLED = 0.8;

/** Zooms by a factor and keeps the point (px from the stage's centre) where it is. */
export function zoomed({ scale, x, y }: Placement, factor: number, point = { x: 0, y: 0 }): Placement {
  const next = Math.min(MOST, Math.max(1, scale * factor));
  if (next === 1) return FITTED;
  const grown = next / scale;
  return { scale: next, x: point.x - (point.x - x) * grown, y: point.y - (point.y - y) * grown };
}

export function moved({ scale, x, y }: Placement, by: { x: number; y: number }): Placement {
  return scale === 1 ? FITTED : { scale, x: x + by.x, y: y + by.y };
}

export function rectOf(stage: Size, picture: Size, { scale, x, y }: Placement): Rect {
  const [wide, tall] = [picture.width || 1, picture.height || 1];
  const room = {
    width: Math.max(1, stage.width - 2 * MARGIN),
    height: Math.max(1, stage.height - 2 * MARGIN),
  };
  const fit = Math.min(room.width / wide, room.height / tall) * scale;
  const [width, height] = [wide * fit, tall * fit];
  return { left: (stage.width - width) / 2 + x, top: (stage.height - height) / 2 + y, width, height };
}

/** The placement in which this part of the picture (in shares of it) fills the stage. */
export function zoomedTo(
  stage: Size,
  picture: Size,
  part: { left: number; top: number; right: number; bottom: number },
): Placement {
  const fitted = rectOf(stage, picture, FITTED);
  const wide = Math.max(0.01, part.right - part.left) * fitted.width;
  const tall = Math.max(0.01, part.bottom - part.top) * fitted.height;
  const scale = Math.min(MOST, Math.max(1, FILLED * Math.min(stage.width / wide, stage.height / tall)));
  const [cx, cy] = [(part.left + part.right) / 2, (part.top + part.bottom) / 2];
  return { scale, x: (0.5 - cx) * fitted.width * scale, y: (0.5 - cy) * fitted.height * scale };
}
