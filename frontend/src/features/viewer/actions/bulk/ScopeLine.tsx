import { SegmentedControl, Text } from "@mantine/core";
import type { Choice, Scope } from "./scope";

interface Props {
  choices: Choice[];
  scope: Scope;
  onScope: (scope: Scope) => void;
}

/** Which samples it will be done to; a choice where there is one. */
export function ScopeLine({ choices, scope, onScope }: Props) {
  if (choices.length === 1) return <Text>{choices[0]?.label}</Text>;
  return (
    <SegmentedControl
      fullWidth
      aria-label="Samples"
      data={choices.map((choice) => ({ value: choice.scope, label: choice.label }))}
      value={scope}
      onChange={(next) => onScope(next as Scope)}
    />
  );
}
