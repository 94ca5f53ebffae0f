import { Alert, Button, Card, Loader, Stack, TextInput } from "@mantine/core";
import { useDebouncedValue, useDisclosure, useDocumentTitle } from "@mantine/hooks";
import { IconMailPlus, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useMe } from "@/api/me/get-me";
import { usePeople } from "@/api/people/people";
import { ErrorAlert } from "@/components/ErrorAlert";
import { Page } from "@/components/Page";
import { ShownOnce } from "@/components/ShownOnce";
import { InviteDialog } from "./InviteDialog";
import type { MadeLink } from "./made-link";
import { PeopleTable } from "./PeopleTable";

/** Everybody with an account, for staff: invite, hand out links, take accounts out of use. */
export function PeoplePage() {
  const me = useMe();
  useDocumentTitle("People · Samplecase");
  if (me.isPending) return <Loader m="xl" aria-label="Loading" />;
  if (!me.data) {
    return (
      <Page title="People">
        <ErrorAlert error={me.error} onRetry={() => me.refetch()} />
      </Page>
    );
  }
  if (me.data.is_staff || me.data.is_superuser) return <People />;
  return (
    <Page title="People">
      <Alert color="gray">Only staff see who has an account here.</Alert>
    </Page>
  );
}

function People() {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 200);
  const people = usePeople(search);
  const [inviting, invite] = useDisclosure(false);
  const [made, setMade] = useState<MadeLink | null>(null);
  return (
    <Page
      title="People"
      subtitle="Everybody with an account on this server."
      actions={
        <Button leftSection={<IconMailPlus size={16} />} onClick={invite.open}>
          Invite
        </Button>
      }
    >
      <Stack gap="sm">
        {made ? (
          <ShownOnce
            key={made.link}
            title={`A one-time link for ${made.username}`}
            text={made.link}
            noun="link"
          />
        ) : null}
        <TextInput
          aria-label="Search people"
          placeholder="Search by username, name or email"
          leftSection={<IconSearch size={16} stroke={1.6} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          maxLength={100}
          maw={380}
        />
        <ErrorAlert error={people.error} onRetry={() => people.refetch()} />
        {people.isPending ? <Loader aria-label="Loading people" /> : null}
        {people.data ? (
          <Card withBorder padding={0}>
            <PeopleTable people={people.data.pages.flatMap((page) => page.results)} onLink={setMade} />
          </Card>
        ) : null}
        {people.hasNextPage ? (
          <Button
            variant="default"
            onClick={() => people.fetchNextPage()}
            loading={people.isFetchingNextPage}
            mx="auto"
          >
            Show more
          </Button>
        ) : null}
      </Stack>
      <InviteDialog opened={inviting} onClose={invite.close} onInvited={setMade} />
    </Page>
  );
}
