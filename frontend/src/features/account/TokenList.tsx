import { Badge, Button, Card, Group, Loader, Stack, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useRevokeToken, useTokens } from "@/api/tokens/tokens";
import type { Token } from "@/api/types";
import { Ago } from "@/components/Ago";
import { ErrorAlert } from "@/components/ErrorAlert";
import { ShownOnce } from "@/components/ShownOnce";
import { dateTime } from "@/lib/format";
import { MakeToken } from "./MakeToken";
import { scopeLabel } from "./scopes";

/** The tokens of one's scripts; each can be revoked. */
export function TokenList() {
  const tokens = useTokens();
  const revoke = useRevokeToken();
  const [making, make] = useDisclosure(false);
  const [made, setMade] = useState<string | null>(null);
  return (
    <Card withBorder component="section" aria-labelledby="account-tokens">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h3" id="account-tokens">
          Tokens
        </Title>
        <Button size="xs" leftSection={<IconPlus size={14} />} onClick={make.open}>
          New token
        </Button>
      </Group>
      <Stack gap="sm">
        {made ? <ShownOnce title="The token was made" text={made} noun="token" /> : null}
        <ErrorAlert error={tokens.error ?? revoke.error} onRetry={() => tokens.refetch()} />
        {tokens.isPending ? <Loader size="sm" aria-label="Loading tokens" /> : null}
        {tokens.data?.length === 0 ? (
          <Text c="dimmed" size="sm">
            No tokens. A script sends one as <code>Authorization: Token …</code>.
          </Text>
        ) : null}
        {tokens.data && tokens.data.length > 0 ? (
          <TokenTable tokens={tokens.data} onRevoke={(id) => revoke.mutate(id)} />
        ) : null}
      </Stack>
      <MakeToken opened={making} onClose={make.close} onMade={setMade} />
    </Card>
  );
}

function TokenTable({ tokens, onRevoke }: { tokens: Token[]; onRevoke: (id: string) => void }) {
  return (
    <Table.ScrollContainer minWidth={620} type="native">
      <Table aria-labelledby="account-tokens">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>May</Table.Th>
            <Table.Th>Made</Table.Th>
            <Table.Th>Last used</Table.Th>
            <Table.Th>Ends</Table.Th>
            <Table.Th>
              <VisuallyHidden>Actions</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map((token) => (
            <Table.Tr key={token.id}>
              <Table.Td>{token.name || <Text c="dimmed">without a name</Text>}</Table.Td>
              <Table.Td>{scopeLabel(token.scope)}</Table.Td>
              <Table.Td>
                <Ago iso={token.created_at} />
              </Table.Td>
              <Table.Td>{token.last_used_at ? <Ago iso={token.last_used_at} /> : "never"}</Table.Td>
              <Table.Td>
                <Expiry iso={token.expires} />
              </Table.Td>
              <Table.Td ta="right">
                <Button
                  size="compact-sm"
                  variant="subtle"
                  color="red"
                  aria-label={`Revoke ${token.name || "the token without a name"}`}
                  onClick={() => onRevoke(token.id)}
                >
                  Revoke
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Expiry({ iso }: { iso: string | null }) {
  if (!iso) return <>never</>;
  if (Date.parse(iso) <= Date.now()) return <Badge color="gray">ended</Badge>;
  return (
    <time dateTime={iso} title={dateTime(iso)}>
      {new Date(iso).toLocaleDateString()}
    </time>
  );
}
