import { Button, Group, Stack, TagsInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ErrorAlert } from "@/components/ErrorAlert";
import { useViewFacets } from "../../use-view-facets";
import type { FormProps } from "./BulkDialog";
import { useBulk } from "./use-bulk";

/** Gives samples tags, or takes them. */
export function TagForm({ samples, onClose }: FormProps) {
  const known = useViewFacets().data?.tags ?? [];
  const [tags, setTags] = useState<string[]>([]);
  const [typed, setTyped] = useState("");
  const { run, isPending, error } = useBulk();
  // What stands in the input without an Enter after it is meant as well.
  const all = [...new Set([...tags, typed.trim()])].filter(Boolean);
  const names = all.map((tag) => `“${tag}”`).join(", ");

  function send(action: "tag" | "untag") {
    const done = action === "tag" ? `tagged ${names}` : `no longer tagged ${names}`;
    run({ request: { action, ...samples, tags: all }, done, onDone: onClose });
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    if (all.length > 0) send("tag");
  }

  return (
    <form onSubmit={submit}>
      <Stack mt="md">
        <TagsInput
          label="Tags"
          placeholder={tags.length === 0 ? "Type one and press Enter" : undefined}
          data={known.map(({ label }) => label)}
          value={tags}
          onChange={setTags}
          searchValue={typed}
          onSearchChange={setTyped}
          openOnFocus={false}
          data-autofocus
        />
        <ErrorAlert error={error} />
        <Group justify="flex-end">
          <Button variant="default" disabled={all.length === 0 || isPending} onClick={() => send("untag")}>
            Remove tags
          </Button>
          <Button type="submit" disabled={all.length === 0} loading={isPending}>
            Add tags
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
