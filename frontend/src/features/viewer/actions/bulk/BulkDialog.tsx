import { Modal } from "@mantine/core";
import { useState } from "react";
import { useViewFacets } from "../../use-view-facets";
import { useView } from "../../view";
import { DeleteForm } from "./DeleteForm";
import { LabelForm } from "./LabelForm";
import { ScopeLine } from "./ScopeLine";
import { type Choice, choicesOf, samplesOf } from "./scope";
import { TagForm } from "./TagForm";

export type BulkKind = "tag" | "label" | "delete";

const TITLES = { tag: "Tag samples", label: "Label samples", delete: "Delete samples" };

export interface FormProps {
  /** What is chosen of the samples, as the request names it. */
  samples: ReturnType<typeof samplesOf>;
  chosen: Choice;
  onClose: () => void;
}

/** Something that is done to many samples at once. */
export function BulkDialog({ kind, onClose }: { kind: BulkKind | null; onClose: () => void }) {
  return (
    <Modal opened={kind !== null} onClose={onClose} title={kind ? TITLES[kind] : ""}>
      {kind ? <Body kind={kind} onClose={onClose} /> : null}
    </Modal>
  );
}

function Body({ kind, onClose }: { kind: BulkKind; onClose: () => void }) {
  const { dataset, search, selection } = useView();
  const facets = useViewFacets();
  const choices = choicesOf({
    selected: selection.ids,
    filter: search.filter,
    filtered: facets.isPlaceholderData ? null : (facets.data?.total ?? null),
    total: dataset.sample_count,
  });
  const [scope, setScope] = useState(choices[0].scope);
  const chosen = choices.find((choice) => choice.scope === scope) ?? choices[0];
  const Form = { tag: TagForm, label: LabelForm, delete: DeleteForm }[kind];
  const samples = samplesOf(chosen.scope, { selected: selection.ids, filter: search.filter });
  return (
    <>
      <ScopeLine choices={choices} scope={chosen.scope} onScope={setScope} />
      <Form samples={samples} chosen={chosen} onClose={onClose} />
    </>
  );
}
