import { ActionIcon, Collapse, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronRight, IconRotate } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { mentions, without } from "@/lib/filter";
import { useView } from "../view";
import { Count } from "./Count";
import classes from "./filters.module.css";

interface Props {
  /** What the conditions are on: a field or a column of samples. */
  path: string;
  title?: string;
  hint?: string;
  /** What stands before the name. */
  lead?: ReactNode;
  count?: number;
  startOpen?: boolean;
  children: () => ReactNode;
}

/** One line of the panel; under its caret what the view can be narrowed by. */
export function FilterRow({ path, title = path, hint, lead, count, startOpen = false, children }: Props) {
  const { search, change } = useView();
  const filtered = mentions(search.filter, path);
  const [opened, { toggle, open }] = useDisclosure(startOpen || filtered);
  // A condition that was set elsewhere, by a view or a chart, is shown where it can be changed.
  useEffect(() => {
    if (filtered) open();
  }, [filtered, open]);
  const id = `filter-${path}`;
  return (
    <div>
      <div className={classes.field} data-filtered={filtered || undefined}>
        {lead}
        <Tooltip label={hint ?? title} position="left">
          <button type="button" className={classes.name} tabIndex={-1} aria-hidden="true" onClick={toggle}>
            {title}
          </button>
        </Tooltip>
        {filtered ? (
          <Tooltip label="Reset this filter">
            <ActionIcon
              size="sm"
              aria-label={`Reset the filter on ${title}`}
              onClick={() => change({ filter: without(search.filter, path) })}
            >
              <IconRotate size={14} />
            </ActionIcon>
          </Tooltip>
        ) : null}
        {count === undefined ? null : <Count of={count} title="Samples with a value" />}
        <ActionIcon
          size="sm"
          aria-label={`Filter by ${title}`}
          aria-expanded={opened}
          aria-controls={id}
          onClick={toggle}
        >
          <IconChevronRight size={15} className={classes.caret} data-open={opened || undefined} />
        </ActionIcon>
      </div>
      <Collapse expanded={opened} id={id}>
        <div className={classes.body}>{opened ? children() : null}</div>
      </Collapse>
    </div>
  );
}
