import { SegmentedControl } from "@mantine/core";
import type { LabelCount } from "@/api/types";
import { picked, withPicked } from "@/lib/filter";
import { count } from "@/lib/format";
import { useView } from "../view";

export function TrueOrFalse({ name, labels }: { name: string; labels: LabelCount[] }) {
  const { search, change } = useView();
  const [value] = picked(search.filter, name);
  const told = (word: string, label: string) => {
    const found = labels.find((each) => each.label === label);
    return found ? `${word} (${count(found.count)})` : word;
  };
  return (
    <SegmentedControl
      fullWidth
      size="xs"
      aria-label={name}
      data={[
        { value: "any", label: "Any" },
        { value: "true", label: told("True", "true") },
        { value: "false", label: told("False", "false") },
      ]}
      value={value === undefined ? "any" : String(value)}
      onChange={(next) =>
        change({ filter: withPicked(search.filter, name, next === "any" ? [] : [next === "true"]) })
      }
    />
  );
}
