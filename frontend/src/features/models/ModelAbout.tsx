import { ActionIcon, Button, Group, Paper, Stack, TagsInput, Text, Textarea, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { useUpdateModel } from "@/api/models/update-model";
import type { Model } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { Markdown } from "@/components/Markdown";
import { dateTime } from "@/lib/format";
import classes from "./models.module.css";
import { TagBadges } from "./TagBadges";

/** Description, tags and facts; editors change the first two in place. */
export function ModelAbout({ model, canEdit }: { model: Model; canEdit: boolean }) {
  const [editing, setEditing] = useState(false);
  const update = useUpdateModel(model.id);
  const form = useForm({ initialValues: { description: model.description, tags: model.tags } });

  if (editing) {
    return (
      <Paper withBorder p="md" className={classes.panel}>
        <form onSubmit={form.onSubmit((values) => update.mutate(values))}>
          <Stack>
            <Textarea
              label="Description"
              description="Markdown"
              autosize
              minRows={3}
              maxRows={14}
              data-autofocus
              {...form.getInputProps("description")}
            />
            <TagsInput label="Tags" placeholder="Enter adds one" {...form.getInputProps("tags")} />
            <ErrorAlert error={update.error} />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={() => setEditing(false)}>
                Cancel
              </Button>
              <Button type="submit" loading={update.isPending}>
                Save
              </Button>
            </Group>
          </Stack>
        </form>
      </Paper>
    );
  }
  return (
    <Paper withBorder className={classes.panel}>
      <div className={classes.panelHead}>
        <Title order={2} size="h3">
          About
        </Title>
        {canEdit ? (
          <ActionIcon aria-label="Edit description and tags" onClick={() => setEditing(true)}>
            <IconPencil size={16} />
          </ActionIcon>
        ) : null}
      </div>
      <Stack p="md" gap="md">
        {model.description ? (
          <Markdown>{model.description}</Markdown>
        ) : (
          <Text size="sm" c="dimmed">
            No description
          </Text>
        )}
        {model.tags.length > 0 ? (
          <Group gap={4}>
            <TagBadges tags={model.tags} />
          </Group>
        ) : null}
        <dl className={classes.facts}>
          <dt>Owner</dt>
          <dd>{model.owner}</dd>
          <dt>Fields</dt>
          <dd>
            <code>{model.slug}_</code> and the output’s name
          </dd>
          {model.created_at ? (
            <>
              <dt>Created</dt>
              <dd>{dateTime(model.created_at)}</dd>
            </>
          ) : null}
        </dl>
      </Stack>
    </Paper>
  );
}
