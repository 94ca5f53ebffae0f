import { Button, Container } from "@mantine/core";
import { IconMoodSad } from "@tabler/icons-react";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { ApiError, messageOf } from "@/api/errors";
import { EmptyState } from "@/components/EmptyState";
import { NotFoundPage } from "./NotFoundPage";

/** The last net under a page: says what happened and offers to draw it again. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  if (error instanceof ApiError && error.status === 404) return <NotFoundPage />;
  return (
    <Container py={80}>
      <EmptyState icon={IconMoodSad} title="This page could not be shown" text={messageOf(error)}>
        <Button onClick={reset}>Try again</Button>
      </EmptyState>
    </Container>
  );
}
