import { Badge, Table, Text } from "@mantine/core";
import type { Tried, Tuning } from "@/api/types";
import { number } from "@/lib/format";
import classes from "./measured.module.css";
import { OUTCOMES, times } from "./plan-words";

/** All that a tuning tried, in its order, with what came of it. */
export function TriedTable({ tuning }: { tuning: Tuning }) {
  if (tuning.tried.length === 0) return null;
  const fastest = Math.max(...tuning.tried.map((each) => each.images_per_second ?? 0), 1);
  return (
    <Table.ScrollContainer minWidth={640} type="native">
      <Table horizontalSpacing="sm" verticalSpacing={6} aria-label="What was tried">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Tried</Table.Th>
            <Table.Th ta="right">Images/s</Table.Th>
            <Table.Th w="20%" aria-label="Speed as a bar" />
            <Table.Th ta="right">Compared</Table.Th>
            <Table.Th ta="right">Furthest score</Table.Th>
            <Table.Th>Outcome</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tuning.tried.map((each) => (
            <Row
              key={JSON.stringify(each.plan)}
              tried={each}
              fastest={fastest}
              plain={tuning.plain_images_per_second}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({ tried, fastest, plain }: { tried: Tried; fastest: number; plain: number | null }) {
  const { agreement, images_per_second: speed } = tried;
  const outcome = OUTCOMES[tried.outcome];
  const isKept = tried.outcome === "kept";
  return (
    <Table.Tr className={isKept ? undefined : classes.notKept}>
      <Table.Td>
        <Text size="sm" fw={isKept ? 550 : 400}>
          {tried.what}
        </Text>
        {tried.reason ? (
          <Text size="xs" c="dimmed">
            {tried.reason}
          </Text>
        ) : null}
      </Table.Td>
      <Table.Td className={classes.figure}>{speed === null ? "–" : number(speed)}</Table.Td>
      <Table.Td className={classes.barCell}>
        {speed === null ? null : (
          <div
            className={classes.bar}
            data-kept={isKept || undefined}
            style={{ width: `${(100 * speed) / fastest}%` }}
            title={times(speed, plain)}
          />
        )}
      </Table.Td>
      <Table.Td className={classes.figure}>{agreement ? number(agreement.compared) : "–"}</Table.Td>
      <Table.Td className={classes.figure}>
        {agreement ? number(agreement.largest_score_difference) : "–"}
      </Table.Td>
      <Table.Td>
        <Badge color={outcome.color} variant="light" tt="none" fw={550} miw="max-content">
          {outcome.word}
        </Badge>
      </Table.Td>
    </Table.Tr>
  );
}
