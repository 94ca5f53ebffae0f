import { Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { LabelCount } from "@/api/types";
import { count } from "@/lib/format";
import { Count } from "./Count";
import classes from "./filters.module.css";

interface Props {
  /** What the choices are of, for those who cannot see the heading. */
  of: string;
  choices: LabelCount[];
  /** How many rarer ones there are beside these. */
  more?: number;
  picked: readonly unknown[];
  colour: (label: string) => string;
  onToggle: (label: string) => void;
}

const MANY = 12;
const SHOWN = 200;

/** Labels with their counts; clicking one narrows the view to it, clicking more widens it again. */
export function Choices({ of, choices, more = 0, picked, colour, onToggle }: Props) {
  const [search, setSearch] = useState("");
  const found = choices.filter(({ label }) => label.toLowerCase().includes(search.toLowerCase()));
  return (
    <>
      {choices.length > MANY ? (
        <TextInput
          size="xs"
          mb={4}
          aria-label={`Search in ${of}`}
          placeholder={`Search ${count(choices.length)} labels`}
          leftSection={<IconSearch size={14} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      ) : null}
      <ul className={classes.choices} aria-label={`Labels of ${of}`}>
        {found.slice(0, SHOWN).map(({ label, count: times }) => (
          <li key={label}>
            <button
              type="button"
              className={classes.choice}
              aria-pressed={picked.includes(label)}
              onClick={() => onToggle(label)}
            >
              <span className={classes.swatch} style={{ background: colour(label) }} />
              <span className={classes.choiceName}>{label}</span>
              <Count of={times} />
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <Note text="No label matches." /> : null}
      {found.length > SHOWN ? (
        <Note text={`${count(found.length - SHOWN)} more; search to find them`} />
      ) : null}
      {more > 0 ? <Note text={`and ${count(more)} rarer labels`} /> : null}
    </>
  );
}

function Note({ text }: { text: string }) {
  return (
    <Text size="xs" c="dimmed" px={8} py={4}>
      {text}
    </Text>
  );
}
