import { Progress, Text } from "@mantine/core";
import { labelColour } from "@/lib/colours";
import { number, percent, plural } from "@/lib/format";
import { chipsOf, hasLabels, isPixels, labelsOf, sizeOf, type Told } from "./labels";
import classes from "./ValueContent.module.css";

const SHOWN = 100;

/** A value in full: each label with its confidence, a plain value as text, vectors and maps in brief. */
export function ValueContent({ field, value }: { field: Told; value: unknown }) {
  if (!hasLabels(field.type)) {
    if (field.type === "embedding" && Array.isArray(value)) return <Vector numbers={value} />;
    const size = sizeOf(value);
    if (size && isPixels(field.type)) return <Text>{`${size[0]} × ${size[1]} pixels`}</Text>;
    const [chip] = chipsOf(field, value);
    return chip ? <Text style={{ overflowWrap: "anywhere" }}>{chip.text}</Text> : <Brief value={value} />;
  }
  const labels = labelsOf(value);
  if (labels.length === 0) return <Text c="dimmed">Nothing found</Text>;
  return (
    <>
      {labels.slice(0, SHOWN).map(({ label, confidence }, index) => (
        // Labels of one value may repeat, and their order is theirs to keep.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <div key={index} className={classes.label}>
          <Text truncate fw={500} title={label}>
            {label}
          </Text>
          {typeof confidence === "number" ? (
            <>
              <Text size="sm" className="tabular">
                {percent(confidence, 1)}
              </Text>
              <Progress
                style={{ gridColumn: "1 / -1" }}
                size={5}
                value={confidence * 100}
                color={labelColour(label, field)}
                aria-label={`Confidence of ${label}`}
              />
            </>
          ) : null}
        </div>
      ))}
      {labels.length > SHOWN ? (
        <Text size="sm" c="dimmed">
          and {labels.length - SHOWN} more
        </Text>
      ) : null}
    </>
  );
}

/** How long a vector is, and how it begins. */
function Vector({ numbers }: { numbers: number[] }) {
  return (
    <Text size="xs" c="dimmed" truncate className="tabular">
      {plural(numbers.length, "number")}: {numbers.slice(0, 6).map(number).join(", ")}
      {numbers.length > 6 ? ", …" : ""}
    </Text>
  );
}

/** Objects and maps, cut to what fits. */
function Brief({ value }: { value: unknown }) {
  const text = JSON.stringify(value);
  return (
    <Text size="xs" ff="monospace" style={{ overflowWrap: "anywhere" }}>
      {text.length > 240 ? `${text.slice(0, 240)}…` : text}
    </Text>
  );
}
