import { Group, Modal, Stack, Text, Title } from "@mantine/core";
import { useDatasets } from "@/api/datasets/list-datasets";
import type { Deployment, Measured } from "@/api/types";
import { bytes, number, plural } from "@/lib/format";
import classes from "./measured.module.css";
import { layoutWords, planFacts } from "./plan-words";
import { StateBadge } from "./StateBadge";
import { TriedTable } from "./TriedTable";

interface Props {
  deployment: Deployment;
  measured: Measured;
  onClose: () => void;
}

/** What Deploy measured: what was entered, what it proposes, and the plan that jobs use if it was tuned. */
export function MeasuredDialog({ deployment, measured, onClose }: Props) {
  const { plan, tuning } = measured;
  return (
    <Modal
      opened
      onClose={onClose}
      size="70rem"
      title={
        <Group gap="sm">
          <Text fw={600}>Measurements of {deployment.name}</Text>
          <StateBadge state={deployment.state} />
        </Group>
      }
    >
      <Stack gap="lg">
        <div className={classes.columns}>
          <Entered deployment={deployment} measured={measured} />
          <Sizes measured={measured} />
        </div>
        {tuning ? (
          <section>
            <Title order={3} size="h4" mb={4}>
              {plan ? "The plan that jobs use" : "No plan"}
            </Title>
            <Text size="sm" mb="sm">
              {tuning.why}
            </Text>
            {plan ? <Facts facts={planFacts(plan)} /> : null}
            <Tolerance deployment={deployment} measured={measured} />
            <TriedTable tuning={tuning} />
          </section>
        ) : null}
      </Stack>
    </Modal>
  );
}

function Entered({ deployment, measured }: Omit<Props, "onClose">) {
  const { images_per_second, load_seconds, memory_bytes, proposed, plan } = measured;
  const entered = `mini-batches of ${deployment.mini_batch}, ${plural(deployment.num_replicas, "replica")}`;
  const facts: [string, string][] = [
    ["Entered", plan ? `${entered}; jobs use the plan below instead` : entered],
    ["Proposed", proposed ? layoutWords(proposed) : "–"],
    ["Measured", images_per_second ? `${number(images_per_second)} images/s` : "–"],
    ["Loaded in", load_seconds ? `${number(load_seconds)} s` : "–"],
    ["Memory", memory_bytes ? `${bytes(memory_bytes)} for each replica` : "–"],
  ];
  return <Facts facts={facts} />;
}

function Facts({ facts }: { facts: [string, string][] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={classes.pair}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** One replica's speed with mini-batches of several sizes, as bars. */
function Sizes({ measured }: { measured: Measured }) {
  const sizes = measured.mini_batches ?? [];
  const best = Math.max(...sizes.map(({ images_per_second }) => images_per_second), 1);
  if (sizes.length === 0) return null;
  return (
    <table className={classes.sizes}>
      <caption>Images/s of one plain replica, by mini-batch</caption>
      <tbody>
        {sizes.map(({ size, images_per_second }) => (
          <tr key={size} data-proposed={size === measured.proposed?.mini_batch || undefined}>
            <th scope="row">{size}</th>
            <td className={classes.barCell}>
              <div className={classes.bar} style={{ width: `${(100 * images_per_second) / best}%` }} />
            </td>
            <td>{number(images_per_second)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Tolerance({ deployment, measured }: Omit<Props, "onClose">) {
  const { data: datasets } = useDatasets();
  const { tuning } = measured;
  if (!tuning) return null;
  const { margin, score, pixels } = tuning.tolerance;
  const named = datasets?.find(({ id }) => id === deployment.dataset)?.name;
  const dataset = named ?? (deployment.dataset === null ? "a dataset that is gone" : "a dataset");
  return (
    <Text size="sm" c="dimmed" my="sm" maw="60rem">
      Compared with the plain network in single precision on {plural(tuning.samples, "sample")} of {dataset}:
      the same best label unless the two best scores are closer than {margin}, scores within {score}, boxes
      within {pixels} px. In this order, within {number(tuning.seconds)} s:
    </Text>
  );
}
