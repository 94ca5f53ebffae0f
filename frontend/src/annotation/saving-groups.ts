/** Which values go to the server together. */

interface Groupable {
  field: string;
  alone: boolean;
}

const GROUP = 500;

/** By field, as the server takes them; what has to go alone goes alone. */
export function groupsOf<E extends Groupable>(entries: readonly E[]): E[][] {
  const groups: E[][] = [];
  const open = new Map<string, E[]>();
  for (const entry of entries) {
    const group = entry.alone ? undefined : open.get(entry.field);
    if (group && group.length < GROUP) group.push(entry);
    else {
      groups.push([entry]);
      if (!entry.alone) open.set(entry.field, groups.at(-1) ?? []);
    }
  }
  return groups;
}
