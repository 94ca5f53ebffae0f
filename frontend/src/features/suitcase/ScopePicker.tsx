import { Group, Radio } from "@mantine/core";
import { plural } from "@/lib/format";

export type Scope = "all" | "filter" | "selected";

interface Props {
  scope: Scope;
  onScope: (scope: Scope) => void;
  total: number;
  /** Samples under the current filter: undefined without one, null while it is counted. */
  filtered: number | null | undefined;
  selected: number;
}

export function ScopePicker({ scope, onScope, total, filtered, selected }: Props) {
  return (
    <Radio.Group label="Samples" value={scope} onChange={(next) => onScope(next as Scope)}>
      <Group mt={6} gap="lg">
        <Radio value="all" label={`All ${plural(total, "sample")}`} />
        <Radio
          value="filter"
          disabled={filtered === undefined}
          label={
            typeof filtered === "number" ? `Current filter (${plural(filtered, "sample")})` : "Current filter"
          }
        />
        <Radio value="selected" disabled={selected === 0} label={`Selected (${selected})`} />
      </Group>
    </Radio.Group>
  );
}
