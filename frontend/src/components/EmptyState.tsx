import { Group, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { IconDatabase } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface Props {
  icon: typeof IconDatabase;
  title: string;
  text: ReactNode;
  children?: ReactNode;
}

/** An empty place that says what belongs here and offers the first step. */
export function EmptyState({ icon: Icon, title, text, children }: Props) {
  return (
    <Stack align="center" gap="sm" py="xl" px="md" maw={460} mx="auto" ta="center">
      <ThemeIcon size={56} radius="xl" variant="light">
        <Icon size={28} stroke={1.4} />
      </ThemeIcon>
      <Title order={2} size="h3">
        {title}
      </Title>
      <Text c="dimmed">{text}</Text>
      {children ? <Group mt="xs">{children}</Group> : null}
    </Stack>
  );
}
