import { Button, Group, Modal, Radio, Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useCreateField } from "@/api/fields/create-field";
import type { Field } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { useView } from "../../view";
import type { Annotation } from "./use-annotation";

type Where = "same" | "other" | "new";

/** The first correction of a model's value asks where it belongs; the answer holds until the page is left. */
export function ModelValueDialog({ question, answer, target }: Annotation) {
  return (
    <Modal
      opened={question !== null}
      onClose={() => answer(null)}
      title="This value was written by a model"
      zIndex={250}
    >
      {question && target.field ? <Form field={target.field} answer={answer} /> : null}
    </Modal>
  );
}

function Form({ field, answer }: { field: Field; answer: (to: string | null) => void }) {
  const { dataset } = useView();
  const others = dataset.fields.filter(({ name, type }) => type === field.type && name !== field.name);
  const [where, setWhere] = useState<Where>("same");
  const [other, setOther] = useState(others[0]?.name ?? null);
  const [name, setName] = useState(`${field.name}_corrected`.slice(0, 63));
  const create = useCreateField(dataset.id);

  function submit(event: { preventDefault: () => void }) {
    event.preventDefault();
    if (where === "same") answer(field.name);
    else if (where === "other") answer(other);
    else {
      const { type, classes, colors, attributes } = field;
      create.mutate({ name, type, classes, colors, attributes }, { onSuccess: (made) => answer(made.name) });
    }
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <Radio.Group
          label="Where does your correction belong?"
          value={where}
          onChange={(next) => setWhere(next as Where)}
        >
          <Stack gap="sm" mt="sm">
            <Radio
              value="same"
              label={`In ${field.name}`}
              description="Yours stands there from now on; the history keeps the model's, and no later run overwrites it."
              data-autofocus
            />
            {others.length > 0 ? (
              <Radio value="other" label="In another field" description="The model's value stays as it is." />
            ) : null}
            <Radio value="new" label="In a new field" description="The model's value stays as it is." />
          </Stack>
        </Radio.Group>
        {where === "other" ? (
          <Select
            aria-label="The other field"
            data={others.map((each) => each.name)}
            value={other}
            onChange={setOther}
            allowDeselect={false}
            comboboxProps={{ zIndex: 260 }}
          />
        ) : null}
        {where === "new" ? (
          <TextInput
            aria-label="Name of the new field"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        ) : null}
        <ErrorAlert error={create.error} />
        <Text size="sm" c="dimmed">
          You are asked once for this field, until you leave the page.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => answer(null)}>
            Leave it as it is
          </Button>
          <Button type="submit" loading={create.isPending} disabled={where === "other" && other === null}>
            Correct it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
