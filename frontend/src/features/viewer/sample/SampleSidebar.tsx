import { Table, Text } from "@mantine/core";
import type { Sample } from "@/api/types";
import { Tags } from "@/components/Tags";
import { bytes, dateTime } from "@/lib/format";
import { useView } from "../view";
import { NearestSamples } from "./NearestSamples";
import classes from "./sample.module.css";
import { ValueView } from "./ValueView";

interface Props {
  sample: Sample;
  raw: boolean;
}

export function SampleSidebar({ sample, raw }: Props) {
  const { dataset } = useView();
  if (raw) return <pre className={classes.json}>{JSON.stringify(sample, null, 2)}</pre>;
  return (
    <>
      {dataset.fields.map((field) => (
        <ValueView
          key={field.name}
          field={field}
          value={sample.values[field.name]}
          facts={sample.provenance[field.name]}
        />
      ))}
      <NearestSamples sample={sample} />
      <section className={classes.value} aria-label="Tags of the sample">
        <div className={classes.valueHead}>
          <span className={classes.fieldName}>Tags</span>
        </div>
        {sample.tags.length > 0 ? <Tags tags={sample.tags} /> : <Text c="dimmed">None</Text>}
      </section>
      <section className={classes.value} aria-label="Metadata of the sample">
        <div className={classes.valueHead}>
          <span className={classes.fieldName}>Metadata</span>
        </div>
        <Table withRowBorders={false} verticalSpacing={2} horizontalSpacing={0} layout="fixed">
          <Table.Tbody>
            <Fact name="Name" value={sample.name} />
            <Fact name="Size" value={`${sample.width} × ${sample.height} px`} />
            <Fact name="File" value={bytes(sample.bytes)} />
            <Fact name="Type" value={sample.mime} />
            <Fact name="Added" value={dateTime(sample.created)} />
            <Fact name="Id" value={String(sample.id)} />
          </Table.Tbody>
        </Table>
      </section>
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <Table.Tr>
      <Table.Td w={90} c="dimmed">
        {name}
      </Table.Td>
      <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
    </Table.Tr>
  );
}
