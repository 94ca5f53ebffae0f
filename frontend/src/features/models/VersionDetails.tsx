import { Anchor, Loader, Paper, Table, Tabs, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import { mayOnModel } from "@/api/access";
import { useVersion } from "@/api/models/get-version";
import type { Model, VersionFacts } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { Markdown } from "@/components/Markdown";
import { bytes, dateTime, plural } from "@/lib/format";
import { CompareTab } from "./CompareTab";
import classes from "./models.module.css";

const JsonEditor = lazy(() => import("@/components/code/JsonEditor"));

/** One version's README, schema, files and facts. */
export function VersionDetails({ model, version }: { model: Model; version: string }) {
  const facts = useVersion(model.id, version);
  if (facts.isPending) return <Loader size="sm" aria-label="Loading the version" />;
  if (facts.isError) return <ErrorAlert error={facts.error} onRetry={() => facts.refetch()} />;
  const { data } = facts;
  const texts: [string, string][] = [
    ["README", data.readme],
    ["CHANGELOG", data.changelog],
  ];
  const shown = texts.filter(([, text]) => text);
  return (
    <Paper withBorder className={classes.panel}>
      <Tabs defaultValue={shown[0]?.[0] ?? "Schema"} keepMounted={false}>
        <Tabs.List px="xs">
          {shown.map(([title]) => (
            <Tabs.Tab key={title} value={title}>
              {title}
            </Tabs.Tab>
          ))}
          <Tabs.Tab value="Schema">Schema</Tabs.Tab>
          <Tabs.Tab value="Files">Files</Tabs.Tab>
          <Tabs.Tab value="Facts">Facts</Tabs.Tab>
          {model.versions.length > 1 ? <Tabs.Tab value="Compare">Compare</Tabs.Tab> : null}
          <Text ml="auto" mr="sm" my="auto" size="sm" c="dimmed">
            v{data.version}
          </Text>
        </Tabs.List>
        {shown.map(([title, text]) => (
          <Tabs.Panel key={title} value={title} p="md">
            <Markdown>{text}</Markdown>
          </Tabs.Panel>
        ))}
        <Tabs.Panel value="Schema" p="md">
          <Suspense fallback={<Loader size="sm" />}>
            <JsonEditor
              value={JSON.stringify(data.schema, null, 2)}
              label={`Schema of version ${data.version}`}
              readOnly
            />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="Files" p="md">
          <Files version={data} />
        </Tabs.Panel>
        <Tabs.Panel value="Facts" p="md">
          <Facts version={data} mayDownload={mayOnModel(model.access, "edit")} />
        </Tabs.Panel>
        <Tabs.Panel value="Compare" p="md">
          {model.versions.length > 1 ? <CompareTab model={model} version={data.version} /> : null}
        </Tabs.Panel>
      </Tabs>
    </Paper>
  );
}

function Files({ version }: { version: VersionFacts }) {
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">
        {plural(version.files.length, "file")}, {bytes(version.size)} packed
      </Text>
      <Table>
        <Table.Tbody>
          {version.files.map((file) => (
            <Table.Tr key={file.name}>
              <Table.Td>
                <code>{file.name}</code>
              </Table.Td>
              <Table.Td ta="right" className="tabular">
                {bytes(file.size)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

function Facts({ version, mayDownload }: { version: VersionFacts; mayDownload: boolean }) {
  const environment = version.environment_yml || version.requirements;
  return (
    <dl className={classes.facts}>
      <dt>SHA-256</dt>
      <dd>
        <code>{version.sha256}</code>
      </dd>
      <dt>Entry point</dt>
      <dd>
        <code>{String(version.manifest.entrypoint)}</code>
      </dd>
      <dt>License</dt>
      <dd>{version.license || "not given"}</dd>
      <dt>Uploaded</dt>
      <dd>
        {version.uploaded_by ?? "a deleted account"}
        {version.created_at ? `, ${dateTime(version.created_at)}` : ""}
      </dd>
      <dt>Environment</dt>
      <dd>{environment ? <pre className={classes.log}>{environment}</pre> : "that of the host"}</dd>
      {mayDownload ? (
        <>
          <dt>Package</dt>
          <dd>
            <Anchor href={`/api/v1/models/${version.model}/versions/${version.version}/package/`} size="sm">
              Download the .zip
            </Anchor>
          </dd>
        </>
      ) : null}
    </dl>
  );
}
