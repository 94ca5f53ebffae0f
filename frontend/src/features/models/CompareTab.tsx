import { Loader, Select, Stack, Table, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useComparison } from "@/api/models/compare-versions";
import type { Comparison, Model } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { bytes, number } from "@/lib/format";
import { SchemaChanges } from "./SchemaChanges";

/** A version beside another: schema, files, and what their deployments were measured at. */
export function CompareTab({ model, version }: { model: Model; version: string }) {
  const others = model.versions.map((each) => each.version).filter((each) => each !== version);
  const older = model.versions.findIndex((each) => each.version === version) + 1;
  const [chosen, choose] = useState(model.versions[older]?.version ?? null);
  // The one that was chosen may have been deleted since.
  const since = others.find((each) => each === chosen) ?? others[0] ?? null;
  return (
    <Stack gap="md">
      <Select
        label={`v${version} since`}
        data={others.map((value) => ({ value, label: `v${value}` }))}
        value={since}
        onChange={choose}
        allowDeselect={false}
        maw={220}
      />
      {since ? <Compared model={model} version={version} since={since} /> : null}
    </Stack>
  );
}

function Compared({ model, version, since }: { model: Model; version: string; since: string }) {
  const found = useComparison(model.id, version, since);
  if (found.isPending) return <Loader size="sm" aria-label="Comparing" />;
  if (found.isError) return <ErrorAlert error={found.error} onRetry={() => found.refetch()} />;
  return (
    <>
      <section>
        <Title order={3} size="h5" mb="xs">
          Schema: {found.data.step}
        </Title>
        <SchemaChanges changes={found.data.changes} />
      </section>
      <section>
        <Title order={3} size="h5" mb="xs">
          Files
        </Title>
        <Files found={found.data} />
      </section>
      <section>
        <Title order={3} size="h5" mb="xs">
          Measured
        </Title>
        <Measured model={model} versions={[since, version]} />
      </section>
    </>
  );
}

function Files({ found }: { found: Comparison }) {
  if (found.same_package) return <Text size="sm">The very same package.</Text>;
  if (found.files.length === 0) return <Text size="sm">The same files of the same sizes.</Text>;
  const told = (size: number | null) => (size === null ? "–" : bytes(size));
  return (
    <Table aria-label="Files that differ">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>File</Table.Th>
          <Table.Th>v{found.since}</Table.Th>
          <Table.Th>v{found.version}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {found.files.map((file) => (
          <Table.Tr key={file.name}>
            <Table.Td>
              <code>{file.name}</code>
            </Table.Td>
            <Table.Td className="tabular">{told(file.before)}</Table.Td>
            <Table.Td className="tabular">{told(file.after)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** The figures of each version's fastest deployment: they come from its check, on this host. */
function Measured({ model, versions }: { model: Model; versions: string[] }) {
  const rows = versions.map((version) => {
    const own = model.deployments.filter((each) => each.version === version && each.measured);
    const [best] = own.sort((a, b) => speed(b) - speed(a));
    return { version, best };
  });
  return (
    <Table aria-label="Measured figures">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Version</Table.Th>
          <Table.Th>Samples/s</Table.Th>
          <Table.Th>Memory</Table.Th>
          <Table.Th>Loads in</Table.Th>
          <Table.Th>Deployment</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ version, best }) => (
          <Table.Tr key={version}>
            <Table.Td>v{version}</Table.Td>
            <Table.Td>{best ? number(speed(best)) : "–"}</Table.Td>
            <Table.Td>{best?.measured?.memory_bytes ? bytes(best.measured.memory_bytes) : "–"}</Table.Td>
            <Table.Td>
              {best?.measured?.load_seconds ? `${number(best.measured.load_seconds)} s` : "–"}
            </Table.Td>
            <Table.Td>{best?.name ?? "not deployed"}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

const speed = ({ measured }: Model["deployments"][number]) => measured?.images_per_second ?? 0;
