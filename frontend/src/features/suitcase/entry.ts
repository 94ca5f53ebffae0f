/** One model in the suitcase and what becomes of its outputs: plain data, checked before it is sent. */

import type {
  Deployment,
  Field,
  FieldType,
  JobEntry,
  JsonSchema,
  Model,
  ModelSchema,
  OnExisting,
} from "@/api/types";
import { defaultField } from "@/lib/default-field";

export interface OutputPlan {
  output: string;
  type: FieldType;
  kept: boolean;
  field: string;
}

export interface InputPlan {
  input: string;
  type: FieldType;
  required: boolean;
  /** A field's name, a constant as typed, or nothing: the schema's default. */
  source: "default" | "field" | "constant";
  field: string;
  text: string;
}

export interface Entry {
  key: string;
  model: Pick<Model, "id" | "name" | "slug">;
  deployment: Pick<Deployment, "id" | "name" | "version">;
  outputs: OutputPlan[];
  inputs: InputPlan[];
  onExisting: OnExisting;
}

const MEDIA = ["local", "image"];
const FIELD_NAME = /^[a-z][a-z0-9_]{0,62}$/;
const TAKEN = ["id", "name", "tags", "width", "height", "created", "media"];

const properties = (schema: JsonSchema | undefined): [string, JsonSchema][] =>
  Object.entries(schema?.properties ?? {});

function freeName(wished: string, used: Set<string>): string {
  let name = wished;
  for (let turn = 2; used.has(name); turn += 1) name = `${wished}_${turn}`;
  used.add(name);
  return name;
}

function inputPlan(
  [input, schema]: [string, JsonSchema],
  required: readonly string[],
  fields: Field[],
): InputPlan {
  const type = schema.type as FieldType;
  const same = fields.find((field) => field.name === input && field.type === type);
  const needed = required.includes(input) && schema.default === undefined;
  return {
    input,
    type,
    required: needed,
    source: same ? "field" : needed ? "constant" : "default",
    field: same?.name ?? "",
    text: "",
  };
}

/** A new entry: every output kept under its default name, inputs from fields of the same name and type. */
export function newEntry(
  key: string,
  model: Entry["model"],
  deployment: Entry["deployment"],
  schema: ModelSchema,
  context: { fields: Field[]; others: Entry[] },
): Entry {
  const used = new Set(context.others.flatMap((entry) => entry.outputs.map((plan) => plan.field)));
  const required =
    (schema.inputs.required as string[] | undefined) ?? properties(schema.inputs).map(([name]) => name);
  return {
    key,
    model: { id: model.id, name: model.name, slug: model.slug },
    deployment: { id: deployment.id, name: deployment.name, version: deployment.version },
    outputs: properties(schema.outputs).map(([output, { type }]) => ({
      output,
      type: type as FieldType,
      kept: true,
      field: freeName(defaultField(model.slug, output), used),
    })),
    inputs: properties(schema.inputs)
      .filter(([, { type }]) => !MEDIA.includes(type ?? ""))
      .map((property) => inputPlan(property, required, context.fields)),
    onExisting: "fail",
  };
}

/** A constant as typed, read as its type; throws a sentence when it cannot be. */
export function constantOf(type: FieldType, text: string): string | number | boolean {
  if (type === "string") return text;
  const value: unknown = (() => {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  })();
  const fits =
    (type === "boolean" && typeof value === "boolean") ||
    (type === "number" && typeof value === "number") ||
    (type === "integer" && Number.isInteger(value)) ||
    ((type === "object" || type === "array") &&
      typeof value === "object" &&
      value !== null &&
      Array.isArray(value) === (type === "array"));
  if (!fits) throw new Error(`This is no ${type}.`);
  return value as string | number | boolean;
}

export interface Problem {
  pointer: string;
  message: string;
}

function outputProblem(plan: OutputPlan, entry: Entry, fields: Field[], used: Set<string>): string | null {
  if (!plan.field) return "Name the field that this output becomes.";
  if (TAKEN.includes(plan.field)) return `Every sample has “${plan.field}” already; choose another name.`;
  if (!FIELD_NAME.test(plan.field)) {
    return "A name starts with a letter and has only small letters, digits and _, at most 63.";
  }
  if (used.has(plan.field)) return `Another output goes to “${plan.field}” already.`;
  const existing = fields.find((field) => field.name === plan.field);
  if (!existing) return null;
  if (existing.type !== plan.type)
    return `The field “${plan.field}” holds ${existing.type}, not ${plan.type}.`;
  if (existing.value_count > 0 && entry.onExisting === "fail") {
    return "This field holds values. Choose below to skip or to replace them, or name another field.";
  }
  return null;
}

function inputProblem(plan: InputPlan): string | null {
  if (plan.source === "default") return plan.required ? "The model needs this input." : null;
  if (plan.source === "field") return plan.field ? null : "Choose a field.";
  try {
    constantOf(plan.type, plan.text);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** All that is wrong, each at the pointer the server would name. */
export function problemsOf(entries: Entry[], fields: Field[]): Problem[] {
  const used = new Set<string>();
  return entries.flatMap((entry, index) => {
    const at = `/entries/${index}`;
    const kept = entry.outputs.filter((plan) => plan.kept);
    const found: Problem[] = [];
    if (kept.length === 0) {
      found.push({ pointer: `${at}/outputs`, message: "Keep at least one output, or remove the model." });
    }
    for (const plan of kept) {
      const message = outputProblem(plan, entry, fields, used);
      if (message) found.push({ pointer: `${at}/outputs/${plan.output}`, message });
      used.add(plan.field);
    }
    for (const plan of entry.inputs) {
      const message = inputProblem(plan);
      if (message) found.push({ pointer: `${at}/inputs/${plan.input}`, message });
    }
    return found;
  });
}

/** The entry as the server takes it. */
export function toRequest(entry: Entry): JobEntry {
  const inputs: NonNullable<JobEntry["inputs"]> = {};
  for (const plan of entry.inputs) {
    if (plan.source === "field") inputs[plan.input] = plan.field;
    if (plan.source === "constant") inputs[plan.input] = { constant: constantOf(plan.type, plan.text) };
  }
  return {
    deployment: entry.deployment.id,
    ...(Object.keys(inputs).length > 0 ? { inputs } : {}),
    outputs: Object.fromEntries(
      entry.outputs.filter((plan) => plan.kept).map((plan) => [plan.output, plan.field]),
    ),
    on_existing: entry.onExisting,
  };
}
