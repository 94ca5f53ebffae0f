import { Autocomplete, Badge, Checkbox, Group } from "@mantine/core";
import { IconArrowNarrowRight } from "@tabler/icons-react";
import type { Field } from "@/api/types";
import type { OutputPlan } from "./entry";
import classes from "./suitcase.module.css";

interface Props {
  plan: OutputPlan;
  fields: Field[];
  problem: string | undefined;
  onChange: (plan: OutputPlan) => void;
}

/** An output of the model and the field it becomes; without its tick it is discarded. */
export function OutputRow({ plan, fields, problem, onChange }: Props) {
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <Checkbox
        className={classes.output}
        label={plan.output}
        checked={plan.kept}
        onChange={(event) => onChange({ ...plan, kept: event.currentTarget.checked })}
      />
      <Badge className={classes.type} variant="default" size="sm" tt="none" fw={500}>
        {plan.type}
      </Badge>
      <IconArrowNarrowRight size={18} className={classes.arrow} aria-hidden="true" />
      <Autocomplete
        aria-label={`Field for ${plan.output}`}
        placeholder={plan.kept ? "Field name" : "Discarded"}
        disabled={!plan.kept}
        data={fields.filter((field) => field.type === plan.type).map((field) => field.name)}
        value={plan.kept ? plan.field : ""}
        onChange={(field) => onChange({ ...plan, field })}
        error={plan.kept ? problem : undefined}
        spellCheck={false}
        flex={1}
      />
    </Group>
  );
}
