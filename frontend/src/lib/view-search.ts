/** What of a dataset's view stands in the URL. */

import type { ColourBy } from "./colours";
import { type Filter, parseFilter } from "./filter";

export type PanelTab = "filters" | "distributions" | "execution";

export interface ViewSearch {
  filter?: Filter;
  sort?: string;
  zoom?: number;
  panel?: PanelTab;
  sample?: number;
  /** Whether the open sample is annotated rather than explored. */
  annotate?: true;
  colour?: ColourBy;
  /** The two fields that the panel compares. */
  compare?: [string, string];
  /** The saved view that was opened last. */
  view?: number;
  /** The projection that is shown beside the grid; 0: the newest. */
  embeddings?: number;
  /** The field whose labels colour its points. */
  points?: string;
  /** The review that is being worked on. */
  review?: number;
}

export const DEFAULT_ZOOM = 5;

function whole(value: unknown, from: number, to = Number.MAX_SAFE_INTEGER): number | undefined {
  const found = value === undefined ? Number.NaN : Number(value);
  return Number.isInteger(found) && found >= from && found <= to ? found : undefined;
}

function pair(value: unknown): [string, string] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [first, second] = value;
  return typeof first === "string" && typeof second === "string" ? [first, second] : undefined;
}

/** Reads the parameters, dropping what is not understood, so that an old or mistyped link still opens. */
export function parseViewSearch(search: Record<string, unknown>): ViewSearch {
  const found: ViewSearch = {
    filter: parseFilter(search.filter),
    sort: typeof search.sort === "string" && search.sort ? search.sort : undefined,
    zoom: whole(search.zoom, 0, 10),
    panel: search.panel === "execution" || search.panel === "distributions" ? search.panel : undefined,
    sample: whole(search.sample, 1),
    annotate: search.annotate === true ? true : undefined,
    colour: search.colour === "field" ? "field" : undefined,
    compare: pair(search.compare),
    view: whole(search.view, 1),
    embeddings: whole(search.embeddings, 0),
    points: typeof search.points === "string" && search.points ? search.points : undefined,
    review: whole(search.review, 1),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
