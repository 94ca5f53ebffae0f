import type { Spread } from "@/api/types";
import { bytes, number } from "@/lib/format";
import { useViewFacets } from "../use-view-facets";
import { DaysFilter } from "./DaysFilter";
import { FilterRow } from "./FilterRow";
import classes from "./filters.module.css";
import { RangeFilter } from "./RangeFilter";
import { TextFilter } from "./TextFilter";

const SIZES = [
  { path: "width", title: "Width", format: (value: number) => `${number(value)} px` },
  { path: "height", title: "Height", format: (value: number) => `${number(value)} px` },
  { path: "bytes", title: "File size", format: bytes },
] as const;

/** Samples by their file: its name, when it was added, how large it is. */
export function MetadataFilters() {
  const { data } = useViewFacets();
  const added = data?.sample?.created;
  return (
    <>
      <div className={classes.body}>
        <TextFilter path="name" placeholder="File name contains…" />
      </div>
      <FilterRow path="created" title="Added">
        {() => <DaysFilter path="created" first={added?.min?.slice(0, 10)} last={added?.max?.slice(0, 10)} />}
      </FilterRow>
      {SIZES.map(({ path, title, format }) => {
        const spread = data?.sample?.[path];
        return isWide(spread) ? (
          <FilterRow key={path} path={path} title={title}>
            {() => (
              <RangeFilter
                path={path}
                title={title}
                bounds={spread}
                bins={spread.histogram}
                format={format}
                whole
              />
            )}
          </FilterRow>
        ) : null;
      })}
    </>
  );
}

/** Whether there is anything to choose from. */
function isWide(spread: Spread | undefined): spread is Spread & { min: number; max: number } {
  return typeof spread?.min === "number" && typeof spread.max === "number" && spread.min < spread.max;
}
