/** What a view can be ordered by, from the dataset's own fields. */

import type { Field } from "@/api/types";
import { hasLabels } from "@/components/values/labels";

export interface SortOption {
  value: string;
  label: string;
}

interface Sortable {
  key: string;
  /** What stands first in rising and in falling order, where that has words. */
  rising: string;
  falling?: string;
  /** Whether the falling order is the one that is meant at first. */
  startsFalling?: boolean;
}

const OF_SAMPLE: Sortable[] = [
  { key: "", rising: "Order of upload" },
  { key: "name", rising: "Name" },
  { key: "created", rising: "Time added: oldest first", falling: "Time added: newest first" },
  { key: "width", rising: "Width" },
  { key: "height", rising: "Height" },
  { key: "bytes", rising: "File size" },
];

function ofField({ name, type }: Field): Sortable[] {
  const confidence = {
    key: `${name}.confidence`,
    rising: `${name}: least confident first`,
    falling: `${name}: most confident first`,
  };
  if (hasLabels(type)) return [confidence, { key: `${name}.label`, rising: `${name}: label` }];
  if (type === "regression") return [{ key: name, rising: name }, confidence];
  return ["number", "integer", "string", "boolean"].includes(type) ? [{ key: name, rising: name }] : [];
}

const ofPair = ([first, second]: [string, string]): Sortable => ({
  key: `compare:${first},${second}`,
  rising: `${first}, ${second}: most agreeing first`,
  falling: `${first}, ${second}: most disagreeing first`,
  startsFalling: true,
});

function optionOf({ key, rising, falling, startsFalling }: Sortable, sort: string | undefined): SortOption {
  const isFalling = sortKey(sort) === key ? isDescending(sort) : startsFalling;
  return { value: key, label: (isFalling && falling) || rising };
}

/** The choices in groups, each told as it is or would be ordered. */
export function sortOptions(
  fields: Field[],
  pair: [string, string] | null,
  sort: string | undefined,
): { group: string; items: SortOption[] }[] {
  const groups = [
    { group: "Sample", items: OF_SAMPLE },
    { group: "Fields", items: fields.flatMap(ofField) },
    { group: "Compare", items: pair ? [ofPair(pair)] : [] },
  ];
  return groups
    .filter(({ items }) => items.length > 0)
    .map(({ group, items }) => ({ group, items: items.map((item) => optionOf(item, sort)) }));
}

export const isDescending = (sort: string | undefined): boolean => sort?.startsWith("-") ?? false;

export const sortKey = (sort: string | undefined): string => (sort ?? "").replace(/^-/, "");

/** The parameter for a key that was just chosen. */
export const sortFor = (key: string): string | undefined =>
  key ? (key.startsWith("compare:") ? `-${key}` : key) : undefined;
