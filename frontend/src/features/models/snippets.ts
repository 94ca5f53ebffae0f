/** The lines that run a deployment over a dataset, to be pasted: they need nothing but a token in SAMPLECASE_TOKEN. */

import type { JsonSchema } from "@/api/types";
import { defaultField } from "@/lib/default-field";

export interface Use {
  /** The server's address, as the browser has it. */
  url: string;
  model: string;
  slug: string;
  deployment: number;
  schema: { inputs: JsonSchema; outputs: JsonSchema };
  dataset: { id: number; name: string };
}

export interface Snippets {
  rest: string;
  python: string;
  cli: string;
}

/** `text` as one word of a shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Each output and the field that it becomes. */
function outputsOf({ slug, schema }: Use): Record<string, string> {
  const names = Object.keys(schema.outputs.properties ?? {});
  return Object.fromEntries(names.map((name) => [name, defaultField(slug, name)]));
}

export function snippetsOf(use: Use): Snippets {
  const outputs = outputsOf(use);
  const entry = { deployment: use.deployment, outputs, on_existing: "replace" };
  const body = JSON.stringify({ dataset: use.dataset.id, entries: [entry] });
  const rest = [
    `curl --silent --show-error --fail ${quoted(`${use.url}/api/v1/jobs/`)} \\`,
    `  --header "Authorization: Token $SAMPLECASE_TOKEN" \\`,
    `  --header 'Content-Type: application/json' \\`,
    `  --data ${quoted(body)}`,
  ];
  const python = [
    "import os",
    "",
    "from samplecase.client import Client",
    "",
    `client = Client(${JSON.stringify(use.url)}, token=os.environ["SAMPLECASE_TOKEN"])`,
    "submission = client.jobs.submit(",
    `    ${use.dataset.id},`,
    `    [${JSON.stringify(entry)}],`,
    ")",
    'for job in client.jobs.follow(submission["jobs"][0]["id"]):',
    '    print(job["state"], job["done"], "of", job["total"])',
  ];
  const pairs = Object.entries(outputs).map(([output, field]) => `--output ${output}=${field}`);
  const cli = [
    `export SAMPLECASE_URL=${quoted(use.url)}`,
    `samplecase run ${quoted(use.model)} ${quoted(use.dataset.name)} \\`,
    `  ${pairs.join(" ")} \\`,
    "  --on-existing replace --follow",
  ];
  return { rest: rest.join("\n"), python: python.join("\n"), cli: cli.join("\n") };
}

/** Inputs that a run has to be told of: their snippets would be refused as they stand. */
export function demandedInputs(inputs: JsonSchema): string[] {
  const required = Array.isArray(inputs.required) ? inputs.required.map(String) : [];
  return Object.entries(inputs.properties ?? {})
    .filter(([name, port]) => required.includes(name) && port.default === undefined)
    .filter(([, port]) => port.type !== "local" && port.type !== "image")
    .map(([name]) => name);
}
