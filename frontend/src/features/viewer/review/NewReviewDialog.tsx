import {
  Alert,
  Autocomplete,
  Button,
  Checkbox,
  Group,
  Modal,
  Select,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { type FormEvent, useState } from "react";
import { faultAt } from "@/api/errors";
import { useCreateReview } from "@/api/reviews/create-review";
import { useReviews } from "@/api/reviews/list-reviews";
import type { Review } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { words } from "@/lib/filter-words";
import { plural } from "@/lib/format";
import { useView } from "../view";
import {
  freeName,
  likelySource,
  likelyTarget,
  ordersOf,
  reviewable,
  targetsOf,
  withoutValue,
} from "./defaults";

interface Props {
  opened: boolean;
  onClose: () => void;
  onMade: (id: number) => void;
}

const AT_INPUTS = ["/name", "/source", "/target", "/order"];

/** A queue over the samples that are shown now. */
export function NewReviewDialog({ opened, onClose, onMade }: Props) {
  const { dataset } = useView();
  const { data: reviews } = useReviews(dataset.id, opened);
  return (
    <Modal opened={opened} onClose={onClose} title="New review">
      {opened && reviews ? <Form reviews={reviews} onClose={onClose} onMade={onMade} /> : null}
    </Modal>
  );
}

function Form({ reviews, onClose, onMade }: Omit<Props, "opened"> & { reviews: Review[] }) {
  const { dataset, search } = useView();
  const { fields, sample_count } = dataset;
  const create = useCreateReview(dataset.id);
  const [source, setSource] = useState(likelySource(fields)?.name ?? null);
  const [chosenTarget, setTarget] = useState<string | null>(null);
  const [chosenOrder, setOrder] = useState("confidence");
  const [chosenName, setName] = useState<string | null>(null);
  const [skips, setSkips] = useState(true);

  const field = fields.find(({ name }) => name === source);
  if (!field) {
    return (
      <Alert color="gray" title="Nothing to review yet">
        A review goes through the labels that a model wrote. Run a model on this dataset first.
      </Alert>
    );
  }
  const target = chosenTarget ?? likelyTarget(field, fields, sample_count);
  const known = fields.find(({ name }) => name === target);
  const orders = ordersOf(field, fields);
  const order = orders.some(({ value }) => value === chosenOrder) ? chosenOrder : "confidence";
  const name =
    chosenName ??
    freeName(
      field.name,
      reviews.map((each) => each.name),
    );
  const canSkip = known !== undefined && known.value_count > 0;
  const at = (pointer: string) => faultAt(create.error, pointer);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!field || !target.trim() || !name.trim()) return;
    const filter = canSkip && skips ? withoutValue(search.filter, target) : (search.filter ?? null);
    create.mutate(
      { name: name.trim(), source: field.name, target: target.trim(), filter, order },
      { onSuccess: ({ id }) => onMade(id) },
    );
  }

  return (
    <form noValidate onSubmit={submit}>
      <Stack>
        <Text size="sm" c="dimmed">
          {search.filter
            ? `Of the samples that are shown now: ${words(search.filter)}.`
            : `Of all ${plural(sample_count, "sample")}; filter the grid first for fewer.`}{" "}
          Samples that come later are not added.
        </Text>
        <Select
          label="Labels to review"
          data={reviewable(fields).map((each) => ({
            value: each.name,
            label: `${each.name} (${each.type})`,
          }))}
          value={source}
          onChange={(next) => {
            setSource(next);
            setTarget(null);
          }}
          allowDeselect={false}
          error={at("/source")}
        />
        <Autocomplete
          label="Write to"
          description={
            known ? `${plural(known.value_count, "sample")} have a value there.` : "A new field is made."
          }
          data={targetsOf(field, fields).map((each) => each.name)}
          value={target}
          onChange={setTarget}
          openOnFocus={false}
          error={at("/target")}
        />
        {canSkip ? (
          <Checkbox
            label={`Leave out samples that have a value in ${target}`}
            checked={skips}
            onChange={(event) => setSkips(event.currentTarget.checked)}
          />
        ) : null}
        <Select
          label="Order"
          data={orders}
          value={order}
          onChange={(next) => {
            setOrder(next ?? "confidence");
            // What is compared has a value on both sides.
            if (next?.startsWith("-compare:")) setSkips(false);
          }}
          allowDeselect={false}
          error={at("/order")}
        />
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={at("/name")}
          autoComplete="off"
          data-autofocus
        />
        <ErrorAlert error={create.error} shownElsewhere={(pointer) => AT_INPUTS.includes(pointer)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending} disabled={!target.trim() || !name.trim()}>
            Start reviewing
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
