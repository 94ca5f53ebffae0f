import { Group, Select, Text, TextInput } from "@mantine/core";
import type { Field } from "@/api/types";
import type { InputPlan } from "./entry";
import classes from "./suitcase.module.css";

interface Props {
  plan: InputPlan;
  fields: Field[];
  problem: string | undefined;
  onChange: (plan: InputPlan) => void;
}

const HINTS: Partial<Record<InputPlan["type"], string>> = {
  string: "text",
  number: "0.5",
  integer: "1",
  boolean: "true or false",
  object: "{ }",
  array: "[ ]",
};

/** An input of the model that is not the image: from a field, as a constant, or as the schema says. */
export function InputRow({ plan, fields, problem, onChange }: Props) {
  const fitting = fields.filter((field) => field.type === plan.type);
  const mayBeConstant = plan.type in HINTS;
  const sources = [
    ...(plan.required ? [] : [{ value: "default", label: "Default" }]),
    ...(mayBeConstant ? [{ value: "constant", label: "Constant" }] : []),
    { value: "field", label: "Field" },
  ];
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <Text size="sm" className={classes.output} pt={7} truncate title={`${plan.input}: ${plan.type}`}>
        {plan.input}
        <Text span c="dimmed">
          {" "}
          · input
        </Text>
      </Text>
      <Select
        aria-label={`Where ${plan.input} comes from`}
        data={sources}
        value={plan.source}
        onChange={(source) => source && onChange({ ...plan, source: source as InputPlan["source"] })}
        allowDeselect={false}
        w={124}
        style={{ flex: "none" }}
        error={plan.source === "default" ? problem : undefined}
      />
      {plan.source === "constant" ? (
        <TextInput
          aria-label={`Constant for ${plan.input}`}
          placeholder={HINTS[plan.type]}
          value={plan.text}
          onChange={(event) => onChange({ ...plan, text: event.currentTarget.value })}
          error={problem}
          flex={1}
        />
      ) : null}
      {plan.source === "field" ? (
        <Select
          aria-label={`Field for ${plan.input}`}
          placeholder={fitting.length > 0 ? "Choose a field" : `No field of type ${plan.type}`}
          data={fitting.map((field) => field.name)}
          value={plan.field || null}
          onChange={(field) => onChange({ ...plan, field: field ?? "" })}
          error={problem}
          flex={1}
        />
      ) : null}
    </Group>
  );
}
