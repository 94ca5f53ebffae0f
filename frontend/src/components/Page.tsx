import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Page.module.css";

interface Props {
  title: ReactNode;
  subtitle?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of one column: title, what one can do, content. */
export function Page({ title, subtitle, actions, children }: Props) {
  return (
    <div className={classes.page}>
      <Group justify="space-between" align="flex-end" wrap="nowrap" mb="lg">
        <Stack gap={2} miw={0}>
          <Title order={1}>{title}</Title>
          {subtitle ? <Text c="dimmed">{subtitle}</Text> : null}
        </Stack>
        {actions ? (
          <Group gap="xs" wrap="nowrap">
            {actions}
          </Group>
        ) : null}
      </Group>
      {children}
    </div>
  );
}
