import { Group, TextInput } from "@mantine/core";
import { daysOf, withDays } from "@/lib/conditions";
import { useView } from "../view";

interface Props {
  path: string;
  /** Days between which anything lies. */
  first?: string;
  last?: string;
}

/** Samples of the days between two, both included. */
export function DaysFilter({ path, first, last }: Props) {
  const { search, change } = useView();
  const days = daysOf(search.filter, path);
  const set = (patch: typeof days) =>
    change({ filter: withDays(search.filter, path, { ...days, ...patch }) });
  return (
    <Group grow gap="xs" wrap="nowrap">
      <TextInput
        size="xs"
        type="date"
        label="From"
        min={first}
        max={days.to ?? last}
        value={days.from ?? ""}
        onChange={(event) => set({ from: event.currentTarget.value || undefined })}
      />
      <TextInput
        size="xs"
        type="date"
        label="To"
        min={days.from ?? first}
        max={last}
        value={days.to ?? ""}
        onChange={(event) => set({ to: event.currentTarget.value || undefined })}
      />
    </Group>
  );
}
