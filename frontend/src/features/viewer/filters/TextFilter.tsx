import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { textOf, withText } from "@/lib/conditions";
import { useView } from "../view";

const TYPING_MS = 300;

/** Samples whose text contains what is typed. */
export function TextFilter({ path, placeholder }: { path: string; placeholder: string }) {
  const { search, change } = useView();
  const current = textOf(search.filter, path);
  const [text, setText] = useState(current);
  useEffect(() => setText(current), [current]);
  const apply = useDebouncedCallback((next: string) => {
    change({ filter: withText(search.filter, path, next) }, { replace: true });
  }, TYPING_MS);
  return (
    <TextInput
      size="xs"
      aria-label={placeholder.replace("…", "")}
      placeholder={placeholder}
      leftSection={<IconSearch size={14} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        apply(event.currentTarget.value.trim());
      }}
    />
  );
}
