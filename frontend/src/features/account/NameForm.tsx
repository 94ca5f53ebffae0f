import { Button, Card, Group, Stack, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import { useUpdateMe } from "@/api/me/update-me";
import type { Me } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";

export function NameForm({ me }: { me: Me }) {
  const [name, setName] = useState(me.name);
  const update = useUpdateMe();

  function submit(event: FormEvent) {
    event.preventDefault();
    update.mutate(
      { name: name.trim() },
      { onSuccess: () => notifications.show({ color: "teal", message: "Your name was saved." }) },
    );
  }

  return (
    <Card withBorder component="section" aria-labelledby="account-name">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Title order={2} size="h3" id="account-name">
            Name
          </Title>
          <TextInput
            label="Username"
            description="Others share with this name; it stays."
            value={me.username}
            readOnly
          />
          <TextInput
            label="Full name"
            maxLength={150}
            autoComplete="name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <ErrorAlert error={update.error} />
          <Group justify="flex-end">
            <Button type="submit" loading={update.isPending} disabled={name.trim() === me.name}>
              Save name
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
