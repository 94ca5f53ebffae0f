import { Badge, Button, Card, Group, Loader, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import { useEndSession, useSessions } from "@/api/sessions/sessions";
import type { Session } from "@/api/types";
import { Ago } from "@/components/Ago";
import { ErrorAlert } from "@/components/ErrorAlert";
import { browserOf } from "./agent";

/** The browsers that one is signed in with; each can be signed out. */
export function SessionList() {
  const sessions = useSessions();
  const end = useEndSession();
  const others = sessions.data?.filter((session) => !session.is_current) ?? [];
  return (
    <Card withBorder component="section" aria-labelledby="account-sessions">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h3" id="account-sessions">
          Sessions
        </Title>
        {others.length > 0 ? (
          <Button size="xs" variant="default" onClick={() => end.mutate(undefined)} loading={end.isPending}>
            Sign out everywhere else
          </Button>
        ) : null}
      </Group>
      <ErrorAlert error={sessions.error ?? end.error} onRetry={() => sessions.refetch()} />
      {sessions.isPending ? <Loader size="sm" aria-label="Loading sessions" /> : null}
      {sessions.data ? (
        <Table.ScrollContainer minWidth={520} type="native">
          <Table aria-labelledby="account-sessions">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Browser</Table.Th>
                <Table.Th>Address</Table.Th>
                <Table.Th>Signed in</Table.Th>
                <Table.Th>Last used</Table.Th>
                <Table.Th>
                  <VisuallyHidden>Actions</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {sessions.data.map((session) => (
                <Row key={session.id} session={session} onEnd={() => end.mutate(session.id)} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      ) : null}
    </Card>
  );
}

function Row({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const browser = browserOf(session.agent);
  return (
    <Table.Tr>
      <Table.Td title={session.agent}>{browser}</Table.Td>
      <Table.Td>{session.address || <Text c="dimmed">unknown</Text>}</Table.Td>
      <Table.Td>
        <Ago iso={session.created_at} />
      </Table.Td>
      <Table.Td>
        <Ago iso={session.seen_at} />
      </Table.Td>
      <Table.Td ta="right">
        {session.is_current ? (
          <Badge variant="light">this browser</Badge>
        ) : (
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            aria-label={`Sign out ${browser}`}
            onClick={onEnd}
          >
            Sign out
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
