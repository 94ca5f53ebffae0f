import { Button, CloseButton } from "@mantine/core";
import { IconFilterOff } from "@tabler/icons-react";
import { terms, withoutTerm } from "@/lib/filter";
import { words } from "@/lib/filter-words";
import { useView } from "../view";
import classes from "./filters.module.css";

/** What the view is narrowed by, each condition to be taken out by itself. */
export function ActiveFilters() {
  const { search, change } = useView();
  if (!search.filter) return null;
  return (
    <section className={classes.active} aria-label="Filtered by">
      <ul className={classes.terms}>
        {terms(search.filter).map((term) => {
          const text = words(term);
          return (
            <li key={JSON.stringify(term)} className={classes.term}>
              <span title={text}>{text}</span>
              <CloseButton
                size="xs"
                aria-label={`Take out: ${text}`}
                onClick={() => change({ filter: withoutTerm(search.filter, term) })}
              />
            </li>
          );
        })}
      </ul>
      <Button
        size="compact-xs"
        variant="subtle"
        leftSection={<IconFilterOff size={14} />}
        onClick={() => change({ filter: undefined })}
      >
        Reset all filters
      </Button>
    </section>
  );
}
