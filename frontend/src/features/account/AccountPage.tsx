import { Loader, SimpleGrid, Stack } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useMe } from "@/api/me/get-me";
import { ErrorAlert } from "@/components/ErrorAlert";
import { Page } from "@/components/Page";
import { NameForm } from "./NameForm";
import { PasswordForm } from "./PasswordForm";
import { SessionList } from "./SessionList";
import { TokenList } from "./TokenList";
import { UploadList } from "./UploadList";

/** One's name and password, where one is signed in, and the tokens of one's scripts. */
export function AccountPage() {
  const me = useMe();
  useDocumentTitle("Account · Samplecase");
  return (
    <Page title="Account" subtitle={me.data ? `Signed in as ${me.data.username}` : undefined}>
      {me.isPending ? <Loader aria-label="Loading" /> : null}
      <ErrorAlert error={me.error} onRetry={() => me.refetch()} />
      {me.data ? (
        <Stack gap="lg">
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
            <NameForm me={me.data} />
            <PasswordForm me={me.data} />
          </SimpleGrid>
          <SessionList />
          <TokenList />
          <UploadList />
        </Stack>
      ) : null}
    </Page>
  );
}
