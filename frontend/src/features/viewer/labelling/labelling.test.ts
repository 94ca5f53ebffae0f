import { QueryClient } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { DraftsInMemory } from "@/annotation/drafts";
import type { SaverPorts } from "@/annotation/saving-ports";
import { keys } from "@/api/query-client";
import type { Me, Sample } from "@/api/types";
import { Labelling } from "./labelling";

const ANN = { id: 7, username: "ann" } as Me;

test("an undo is of what this page wrote, and not of what somebody else wrote since", async () => {
  const sent: number[] = [];
  const send: SaverPorts["send"] = async (_, values) => {
    sent.push(...values.map(({ revision }) => revision));
    return { kind: "done", conflicts: [], revisions: { 3: sent.length } };
  };
  const client = new QueryClient();
  const sample = (revision: number, label: string) =>
    ({
      id: 3,
      tags: [],
      values: { kind: { label } },
      provenance: { kind: { revision } },
    }) as unknown as Sample;
  const key = [...keys.sample(1), 3];
  client.setQueryData(key, sample(0, ""));
  const labelling = new Labelling(1, ANN, client, new DraftsInMemory(), send);
  const part = { sample: 3, field: "kind", name: "3.png", before: null, after: { label: "cat" } };
  labelling.make({ what: "labelled", parts: [part] });
  await vi.waitFor(() => expect(labelling.saver.snapshot().state).toBe("saved"));
  client.setQueryData(key, sample(2, "dog")); // read again: somebody else's
  labelling.history.undo();
  await vi.waitFor(() => expect(sent).toEqual([0, 1]));
});
