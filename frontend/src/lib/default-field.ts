/** The default name of an output's field: `{model_slug}_{output}`, fit to the rules for names. */
export function defaultField(slug: string, output: string): string {
  return `${slug}_${output}`
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "_")
    .replace(/^[^a-z]+/, "")
    .slice(0, 63);
}
