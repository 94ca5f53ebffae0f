import { Button, Card, Group, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/api/errors";
import { useChangePassword } from "@/api/me/change-password";
import type { Me } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";

const EMPTY = { current: "", next: "", repeated: "" };

export function PasswordForm({ me }: { me: Me }) {
  const [typed, setTyped] = useState(EMPTY);
  const change = useChangePassword();
  const refused = change.error instanceof ApiError ? change.error : undefined;
  const differs = typed.repeated !== "" && typed.repeated !== typed.next;
  const ready = typed.next !== "" && typed.repeated === typed.next && (typed.current || !me.has_password);
  const bind = (part: keyof typeof EMPTY) => ({
    value: typed[part],
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [part]: value }));
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    change.mutate(
      { new: typed.next, ...(me.has_password ? { current: typed.current } : {}) },
      {
        onSuccess: () => {
          setTyped(EMPTY);
          notifications.show({ color: "teal", message: "Your password was changed." });
        },
      },
    );
  }

  return (
    <Card withBorder component="section" aria-labelledby="account-password">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Title order={2} size="h3" id="account-password">
            Password
          </Title>
          {me.has_password ? (
            <PasswordInput
              label="Present password"
              autoComplete="current-password"
              {...bind("current")}
              error={refused?.at("/current")}
            />
          ) : null}
          <PasswordInput
            label="New password"
            description="At least 8 characters; not common, not only digits, not like your name."
            autoComplete="new-password"
            {...bind("next")}
            error={refused
              ?.under("/new")
              .map(({ message }) => message)
              .join(" ")}
          />
          <PasswordInput
            label="New password again"
            autoComplete="new-password"
            {...bind("repeated")}
            error={differs ? "The two passwords differ." : undefined}
          />
          <Text size="xs" c="dimmed">
            A new password signs you out everywhere else. Tokens go on working.
          </Text>
          <ErrorAlert error={change.error} shownElsewhere={(pointer) => /^\/(current|new)/.test(pointer)} />
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending} disabled={!ready}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
