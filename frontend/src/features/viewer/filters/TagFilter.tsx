import { Skeleton, Text } from "@mantine/core";
import { colourOf } from "@/lib/colours";
import { picked, toggled } from "@/lib/filter";
import { useViewFacets } from "../use-view-facets";
import { useView } from "../view";
import { Choices } from "./Choices";
import classes from "./filters.module.css";

export function TagFilter() {
  const { search, change } = useView();
  const { data } = useViewFacets();
  if (!data) return <Skeleton h={20} mx="md" w="auto" />;
  const chosen = picked(search.filter, "tags");
  // A picked tag stays in sight when nothing matches, or it could not be taken back.
  const gone = chosen.filter((tag) => !data.tags.some(({ label }) => label === tag));
  const choices = [...data.tags, ...gone.map((tag) => ({ label: String(tag), count: 0 }))];
  if (choices.length === 0) {
    return (
      <Text size="sm" c="dimmed" px="md" pb={4}>
        No sample is tagged.
      </Text>
    );
  }
  return (
    <div className={classes.body}>
      <Choices
        of="tags"
        choices={choices}
        picked={chosen}
        colour={colourOf}
        onToggle={(tag) => change({ filter: toggled(search.filter, "tags", tag) })}
      />
    </div>
  );
}
