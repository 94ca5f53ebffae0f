import { Autocomplete, type AutocompleteProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useCandidates } from "@/api/sharing/candidates";

interface Props extends Omit<AutocompleteProps, "data" | "value" | "onChange"> {
  /** Whose names are offered. */
  of: "users" | "groups";
  value: string;
  onChange: (name: string) => void;
}

/** A username or the name of a group; those whom one may know are offered while it is typed. */
export function NameInput({ of, value, onChange, ...rest }: Props) {
  const [search] = useDebouncedValue(value.trim(), 200);
  const { data } = useCandidates(search);
  const fullNames = new Map(data?.users.map(({ username, name }) => [username, name]));
  const names = of === "users" ? [...fullNames.keys()] : (data?.groups ?? []);
  return (
    <Autocomplete
      data={names}
      value={value}
      onChange={onChange}
      // The server has searched already, full names too.
      filter={({ options }) => options}
      renderOption={({ option }) => {
        const name = fullNames.get(option.value);
        return name ? `${option.value} · ${name}` : option.value;
      }}
      autoComplete="off"
      spellCheck={false}
      {...rest}
    />
  );
}
