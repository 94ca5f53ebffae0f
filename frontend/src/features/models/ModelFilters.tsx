import { Group, Pill, SegmentedControl, Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { Ref } from "react";
import { MODEL_SORTS, type ModelSearch } from "@/lib/model-search";

interface Props {
  search: ModelSearch;
  onSearch: (changes: ModelSearch) => void;
  input: Ref<HTMLInputElement>;
}

/** What the list is narrowed down by and sorted by. */
export function ModelFilters({ search, onSearch, input }: Props) {
  const { q = "", tags = [], owner, shared = "all", sort = "name" } = search;
  return (
    <>
      <Group gap="sm">
        <TextInput
          ref={input}
          value={q}
          onChange={(event) => onSearch({ q: event.currentTarget.value })}
          placeholder="Search by name, description or tag"
          aria-label="Search models"
          maxLength={100}
          leftSection={<IconSearch size={16} stroke={1.6} />}
          w={340}
        />
        <SegmentedControl
          aria-label="Whose models"
          value={shared}
          onChange={(value) =>
            onSearch({ shared: (value === "all" ? undefined : value) as ModelSearch["shared"] })
          }
          data={[
            { value: "all", label: "All" },
            { value: "mine", label: "Mine" },
            { value: "with_me", label: "Shared with me" },
          ]}
        />
        <Select
          aria-label="Sort models"
          value={sort}
          onChange={(value) => onSearch({ sort: value ?? undefined })}
          allowDeselect={false}
          data={Object.entries(MODEL_SORTS).map(([value, label]) => ({ value, label }))}
          w={150}
          ml="auto"
        />
      </Group>
      {tags.length > 0 || owner ? (
        <Group gap="xs">
          {tags.map((tag) => (
            <Pill
              key={tag}
              withRemoveButton
              removeButtonProps={{
                "aria-label": `Without the tag ${tag}`,
                tabIndex: 0,
                "aria-hidden": false,
              }}
              onRemove={() => onSearch({ tags: tags.filter((each) => each !== tag) })}
            >
              {tag}
            </Pill>
          ))}
          {owner ? (
            <Pill
              withRemoveButton
              removeButtonProps={{ "aria-label": "Of any owner", tabIndex: 0, "aria-hidden": false }}
              onRemove={() => onSearch({ owner: undefined })}
            >
              owned by {owner}
            </Pill>
          ) : null}
        </Group>
      ) : null}
    </>
  );
}
