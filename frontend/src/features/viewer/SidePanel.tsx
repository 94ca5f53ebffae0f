import { Badge, Tabs } from "@mantine/core";
import type { ReactNode } from "react";
import type { PanelTab } from "@/lib/view-search";
import { DistributionsPanel } from "./distributions/DistributionsPanel";
import { FilterPanel } from "./filters/FilterPanel";
import { useView } from "./view";
import classes from "./viewer.module.css";

interface Props {
  /** The Execution tab's content, and how many jobs are at work. */
  execution: ReactNode;
  running: number;
}

/** The panel on the right: what is shown, and what is being run. */
export function SidePanel({ execution, running }: Props) {
  const { search, change } = useView();
  return (
    <Tabs
      className={classes.panel}
      value={search.panel ?? "filters"}
      onChange={(tab) =>
        change({ panel: tab === "filters" ? undefined : (tab as PanelTab) }, { replace: true })
      }
      keepMounted={false}
    >
      <Tabs.List grow aria-label="Panel" className={classes.tabs}>
        <Tabs.Tab value="filters">Filters</Tabs.Tab>
        <Tabs.Tab value="distributions">Distributions</Tabs.Tab>
        <Tabs.Tab
          value="execution"
          rightSection={
            running > 0 ? (
              <Badge size="sm" circle aria-label={`${running} running`}>
                {running}
              </Badge>
            ) : null
          }
        >
          Execution
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="filters" className={classes.panelBody}>
        <FilterPanel />
      </Tabs.Panel>
      <Tabs.Panel value="distributions" className={classes.panelBody}>
        <DistributionsPanel />
      </Tabs.Panel>
      <Tabs.Panel value="execution" className={classes.panelBody}>
        {execution}
      </Tabs.Panel>
    </Tabs>
  );
}
