import { Alert, Button, CopyButton, Paper, Select, Stack, Tabs, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useDatasets } from "@/api/datasets/list-datasets";
import type { Dataset, Deployment, Model } from "@/api/types";
import classes from "./models.module.css";
import { demandedInputs, snippetsOf } from "./snippets";

const MAY_LABEL = new Set(["label", "edit", "owner"]);
const WAYS = [
  ["cli", "Command line"],
  ["python", "Python"],
  ["rest", "REST"],
] as const;

/** How scripts run the model: lines to be pasted, for a deployment and a dataset of one's choice. */
export function UseItPanel({ model }: { model: Model }) {
  const datasets = useDatasets();
  const [chosen, choose] = useState<string | null>(null);
  const own = datasets.data?.filter(({ access }) => MAY_LABEL.has(access)) ?? [];
  const ready = model.deployments.find(({ state, left_behind }) => state === "ready" && !left_behind);
  const dataset = own.find(({ id }) => String(id) === chosen) ?? own[0];
  if (model.access === "view" || !ready) return null;
  return (
    <Paper withBorder className={classes.panel} component="section" aria-label="Use it">
      <div className={classes.panelHead}>
        <Title order={2} size="h3">
          Use it
        </Title>
        <Select
          aria-label="Dataset of the snippets"
          placeholder="A dataset"
          data={own.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={dataset ? String(dataset.id) : null}
          onChange={choose}
          allowDeselect={false}
          searchable
          size="xs"
          w={220}
        />
      </div>
      {dataset ? (
        <Ways model={model} deployment={ready} dataset={dataset} />
      ) : (
        <Text size="sm" c="dimmed" p="md">
          There is no dataset yet whose samples you may label.
        </Text>
      )}
    </Paper>
  );
}

interface Chosen {
  model: Model;
  deployment: Deployment;
  dataset: Dataset;
}

function Ways({ model, deployment, dataset }: Chosen) {
  const schema = model.versions.find(({ version }) => version === deployment.version)?.schema;
  if (!schema) return null;
  const { name, slug } = model;
  const snippets = snippetsOf({
    url: location.origin,
    model: name,
    slug,
    deployment: deployment.id,
    schema,
    dataset,
  });
  const missing = demandedInputs(schema.inputs);
  return (
    <Tabs defaultValue="cli" keepMounted={false}>
      <Tabs.List px="xs">
        {WAYS.map(([way, label]) => (
          <Tabs.Tab key={way} value={way}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {WAYS.map(([way, label]) => (
        <Tabs.Panel key={way} value={way} p="md">
          <Stack gap="xs">
            <Text size="xs" c="dimmed">
              Runs {deployment.name} over every sample of {dataset.name}. A token is expected in{" "}
              <code>SAMPLECASE_TOKEN</code>.
            </Text>
            {missing.length > 0 ? (
              <Alert color="orange" p="xs">
                Say also where {missing.join(", ")} comes from: the model requires it.
              </Alert>
            ) : null}
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must reach it */}
            <section className={classes.code} tabIndex={0} aria-label={`${label} snippet`}>
              <pre>{snippets[way]}</pre>
            </section>
            <CopyButton value={snippets[way]}>
              {({ copied, copy }) => (
                <Button variant="default" size="compact-sm" onClick={copy} w="max-content">
                  {copied ? "Copied" : "Copy"}
                </Button>
              )}
            </CopyButton>
          </Stack>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
