/** What the search box of the registry looks at. */

import type { Model } from "@/api/types";

/** Every word of the query occurs in the name, the description or a tag; case does not matter. */
export function matches(model: Pick<Model, "name" | "description" | "tags">, query: string): boolean {
  const text = [model.name, model.description, ...model.tags].join("\n").toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
