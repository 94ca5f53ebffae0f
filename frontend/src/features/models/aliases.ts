/** The alias that follows the newest version by itself. */
export const LATEST = "latest";
