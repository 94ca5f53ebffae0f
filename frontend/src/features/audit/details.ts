/** The details of an audit row as lines: what changed from what to what, and the rest as it stands. */

type Details = Record<string, unknown>;

const isDetails = (value: unknown): value is Details =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function detailsInWords(details: Details): string[] {
  const { before, after, ...rest } = details;
  const others = Object.entries(rest).map(([name, value]) => `${name}: ${shown(value)}`);
  return [...changes(before, after), ...others];
}

function changes(before: unknown, after: unknown): string[] {
  if (!isDetails(after)) return after === undefined ? [] : [`${shown(before)} → ${shown(after)}`];
  const was = isDetails(before) ? before : {};
  return Object.entries(after)
    .filter(([name, value]) => shown(value) !== shown(was[name]))
    .map(([name, value]) => `${name}: ${shown(was[name])} → ${shown(value)}`);
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "nothing";
  if (Array.isArray(value)) return value.length > 0 ? value.map(shown).join(", ") : "nothing";
  // A right that somebody holds: the database does not keep the order of its parts.
  if (isDetails(value) && "right" in value) return `${value.username ?? value.name} ${value.right}`;
  if (isDetails(value)) return Object.values(value).map(shown).join(" ");
  return String(value);
}
