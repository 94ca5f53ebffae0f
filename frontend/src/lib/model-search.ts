/** What of the list of models stands in the URL. */

export interface ModelSearch {
  q?: string;
  tags?: string[];
  owner?: string;
  shared?: "mine" | "with_me";
  sort?: string;
}

export const MODEL_SORTS = {
  name: "By name",
  "-updated": "Changed last",
  "-created": "Newest",
  created: "Oldest",
} as const;

const text = (value: unknown) => (typeof value === "string" && value ? value : undefined);

/** What stands there and means something; anything else is left out. */
export function readModelSearch(search: Record<string, unknown>): ModelSearch {
  const tags = Array.isArray(search.tags) ? search.tags.filter((tag) => text(tag)) : [];
  const { shared, sort } = search;
  const found: ModelSearch = {
    q: text(search.q),
    tags: tags.length > 0 ? [...new Set<string>(tags)] : undefined,
    owner: text(search.owner),
    shared: shared === "mine" || shared === "with_me" ? shared : undefined,
    sort: typeof sort === "string" && sort !== "name" && Object.hasOwn(MODEL_SORTS, sort) ? sort : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
