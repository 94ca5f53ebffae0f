/** Fills a region with one press. */

import type { Deed, Pointer, Tool } from "./tool";

export class FloodTool implements Tool {
  readonly active = null;

  press({ at }: Pointer): Deed {
    return { flood: at };
  }

  move(): void {}

  release(): null {
    return null;
  }

  finish(): null {
    return null;
  }

  cancel(): boolean {
    return false;
  }
}
