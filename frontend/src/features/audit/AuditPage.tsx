import { Button, Card, Loader, Stack, Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { type AuditFilter, useAudit } from "@/api/audit/list-audit";
import { useMe } from "@/api/me/get-me";
import { ErrorAlert } from "@/components/ErrorAlert";
import { Page } from "@/components/Page";
import { AuditFilters } from "./AuditFilters";
import { AuditTable } from "./AuditTable";

interface Props {
  /** What is looked for; it lives in the URL. */
  filter: AuditFilter;
  onFilter: (filter: AuditFilter) => void;
}

/** Who did what to which object, when. */
export function AuditPage({ filter, onFilter }: Props) {
  const audit = useAudit(filter);
  const { data: me } = useMe();
  useDocumentTitle("Audit log · Samplecase");
  const rows = audit.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <Page
      title="Audit log"
      subtitle={
        me?.is_superuser
          ? "Everything that people and jobs did on this server."
          : "What was done to your account and to the datasets and models that you own."
      }
    >
      <Stack gap="sm">
        <AuditFilters filter={filter} onFilter={onFilter} />
        <ErrorAlert error={audit.error} onRetry={() => audit.refetch()} />
        {audit.isPending ? <Loader aria-label="Loading the audit log" /> : null}
        {audit.data ? (
          <Card withBorder padding={0}>
            <AuditTable rows={rows} onFilter={(more) => onFilter({ ...filter, ...more })} />
            {rows.length === 0 ? (
              <Text c="dimmed" p="md">
                Nothing was recorded that matches.
              </Text>
            ) : null}
          </Card>
        ) : null}
        {audit.hasNextPage ? (
          <Button
            variant="default"
            mx="auto"
            onClick={() => audit.fetchNextPage()}
            loading={audit.isFetchingNextPage}
          >
            Show earlier
          </Button>
        ) : null}
      </Stack>
    </Page>
  );
}
