import { Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { apiUrl } from "@/api/http";
import type { FieldType, SamplePreview } from "@/api/types";
import { LogText } from "@/components/LogText";
import type { Told } from "@/components/values/labels";
import { ValueContent } from "@/components/values/ValueContent";
import { reasonInWords } from "@/lib/reasons";
import { BoxOverlay } from "./BoxOverlay";
import classes from "./dry-run.module.css";

// The box of a thumbnail, in rem; a picture fills it one way or the other, and the boxes lie over the picture alone.
const [WIDTH, HEIGHT] = [7, 9];

interface Props {
  dataset: number;
  preview: SamplePreview;
  /** The types of the model's outputs; what is not among them is told as JSON alone. */
  types: Record<string, FieldType>;
}

/** One sample of a dry run: its picture, what the model said about it or why it could not, and the same as JSON. */
export function SampleOutputs({ dataset, preview, types }: Props) {
  const { sample, name, outputs, error } = preview;
  const told: Told[] = Object.keys(outputs).flatMap((output) => {
    const type = types[output];
    return type ? [{ name: output, type, colors: {} }] : [];
  });
  return (
    <li className={classes.sample} data-failed={error ? true : undefined}>
      <div className={classes.head}>
        <Text size="sm" fw={600} truncate title={name}>
          {name}
        </Text>
      </div>
      <div className={classes.columns}>
        <Thumbnail src={apiUrl(`/datasets/${dataset}/samples/${sample}/thumbnail/`)}>
          <BoxOverlay fields={told} values={outputs} />
        </Thumbnail>
        <div className={classes.outputs}>
          {error ? (
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              <Text span inherit fw={600} c="var(--mantine-color-error)">
                {reasonInWords(error.reason)}
              </Text>
              {error.message ? ` ${error.message}` : ""}
            </Text>
          ) : null}
          {told.map((field) => (
            <section key={field.name} aria-label={`${field.name} of ${name}`}>
              <Text size="xs" c="dimmed">
                {field.name}
              </Text>
              {outputs[field.name] === null ? (
                <Text c="dimmed">Nothing found</Text>
              ) : (
                <ValueContent field={field} value={outputs[field.name]} />
              )}
            </section>
          ))}
          {error ? null : (
            <details className={classes.raw}>
              <summary>JSON</summary>
              <LogText label={`Outputs of ${name} as JSON`} text={JSON.stringify(outputs, null, 2)} />
            </details>
          )}
        </div>
      </div>
    </li>
  );
}

function Thumbnail({ src, children }: { src: string; children: ReactNode }) {
  const [failed, setFailed] = useState(false);
  const [tall, setTall] = useState(false);
  return (
    <div className={classes.thumbnail}>
      {failed ? (
        <Text size="xs" c="dimmed" ta="center">
          No picture
        </Text>
      ) : (
        <span className={classes.picture}>
          <img
            src={src}
            alt=""
            data-tall={tall || undefined}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setTall(naturalHeight * WIDTH > naturalWidth * HEIGHT)
            }
            onError={() => setFailed(true)}
          />
          {children}
        </span>
      )}
    </div>
  );
}
