import { TagsInput, Textarea, TextInput } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import type { NewDataset } from "@/api/datasets/create-dataset";
import { faultUnder } from "@/api/errors";

type DatasetForm = UseFormReturnType<NewDataset>;

export function useDatasetForm(initialValues: NewDataset): DatasetForm {
  return useForm({
    initialValues,
    validate: { name: (name) => (name.trim() ? null : "A dataset needs a name") },
  });
}

/** Whether a refusal of this place is shown at its input here. */
export const isDatasetInput = (pointer: string): boolean => /^\/(name|description|tags)(\/|$)/.test(pointer);

interface Props {
  form: DatasetForm;
  /** Why the server refused what was sent, if it did. */
  error: unknown;
}

/** Name, description and tags of a dataset, each with what is wrong with it. */
export function DatasetInputs({ form, error }: Props) {
  const refused = (pointer: string) => faultUnder(error, pointer);
  return (
    <>
      <TextInput
        label="Name"
        required
        maxLength={100}
        data-autofocus
        {...form.getInputProps("name")}
        error={form.errors.name ?? refused("/name")}
      />
      <Textarea
        label="Description"
        autosize
        minRows={2}
        maxRows={8}
        {...form.getInputProps("description")}
        error={refused("/description")}
      />
      <TagsInput
        label="Tags"
        placeholder="Type and press Enter"
        {...form.getInputProps("tags")}
        error={refused("/tags")}
      />
    </>
  );
}
