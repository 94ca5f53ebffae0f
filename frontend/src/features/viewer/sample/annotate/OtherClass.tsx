import { TextInput } from "@mantine/core";
import { useState } from "react";

interface Props {
  /** "New tag", "Another class". */
  name: string;
  onChoose: (label: string) => boolean;
}

/** A class or tag that is in no list yet, typed and given with Enter. */
export function OtherClass({ name, onChoose }: Props) {
  const [typed, setTyped] = useState("");
  return (
    <TextInput
      size="xs"
      mt="xs"
      aria-label={name}
      placeholder={`${name}, then Enter`}
      value={typed}
      maxLength={100}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        const label = typed.trim();
        if (event.key !== "Enter" || !label) return;
        event.preventDefault();
        onChoose(label);
        setTyped("");
      }}
      autoComplete="off"
    />
  );
}
