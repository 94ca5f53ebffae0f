import { ActionIcon, Select, Tooltip } from "@mantine/core";
import { IconSortAscending, IconSortDescending } from "@tabler/icons-react";
import { isOfLabels, pairOf } from "../filters/comparing";
import { useView } from "../view";
import { isDescending, sortFor, sortKey, sortOptions } from "./sort";

export function SortMenu() {
  const { dataset, search, change } = useView();
  const key = sortKey(search.sort);
  const descending = isDescending(search.sort);
  const order = descending ? "Descending" : "Ascending";
  const compared = pairOf(search, dataset.fields);
  const pair = compared && isOfLabels(compared, dataset.fields) ? compared : null;
  return (
    <>
      <Select
        aria-label="Sort by"
        data={sortOptions(dataset.fields, pair, search.sort)}
        value={key}
        onChange={(next) => change({ sort: sortFor(next ?? "") })}
        allowDeselect={false}
        flex="0 1 200px"
        miw={130}
        maxDropdownHeight={420}
        comboboxProps={{ width: 320, position: "bottom-end" }}
      />
      <Tooltip label={key ? order : "The order of upload has one direction"}>
        <ActionIcon
          aria-label={`Sort order: ${order}`}
          disabled={!key}
          onClick={() => change({ sort: descending ? key : `-${key}` })}
        >
          {descending ? (
            <IconSortDescending size={18} stroke={1.6} />
          ) : (
            <IconSortAscending size={18} stroke={1.6} />
          )}
        </ActionIcon>
      </Tooltip>
    </>
  );
}
