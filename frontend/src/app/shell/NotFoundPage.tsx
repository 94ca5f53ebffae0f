import { Container } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { EmptyState } from "@/components/EmptyState";
import { ButtonLink } from "@/components/links";

export function NotFoundPage() {
  return (
    <Container py={80}>
      <EmptyState
        icon={IconMapOff}
        title="Nothing here"
        text="There is nothing at this address, or nothing that you may see."
      >
        <ButtonLink to="/datasets" variant="default">
          To the datasets
        </ButtonLink>
      </EmptyState>
    </Container>
  );
}
