/** What the page has read of samples, changed where it was changed here, so that nothing waits for a new read. */

import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { keys } from "@/api/query-client";
import type { Sample, SamplePage, ValueFacts } from "@/api/types";
import { isTags } from "./targets";

type Change = (sample: Sample) => Sample;

/** Changes a sample in every list and on its own. Reads on their way would bring the old one, and are given up. */
export function patchSample(client: QueryClient, dataset: number, id: number, change: Change): void {
  const own = [...keys.sample(dataset), id];
  void client.cancelQueries({ queryKey: own });
  client.setQueryData<Sample>(own, (sample) => sample && change(sample));
  client.setQueriesData<InfiniteData<SamplePage>>(
    { queryKey: keys.samples(dataset) },
    (data) => data && { ...data, pages: data.pages.map((page) => patchPage(page, id, change)) },
  );
}

function patchPage(page: SamplePage, id: number, change: Change): SamplePage {
  if (!page.results.some((sample) => sample.id === id)) return page;
  return { ...page, results: page.results.map((sample) => (sample.id === id ? change(sample) : sample)) };
}

export function readSample(client: QueryClient, dataset: number, id: number): Sample | undefined {
  const own = client.getQueryData<Sample>([...keys.sample(dataset), id]);
  if (own) return own;
  for (const [, data] of client.getQueriesData<InfiniteData<SamplePage>>({
    queryKey: keys.samples(dataset),
  })) {
    for (const page of data?.pages ?? []) {
      const found = page.results.find((sample) => sample.id === id);
      if (found) return found;
    }
  }
  return undefined;
}

export function withValue(sample: Sample, field: string, value: unknown): Sample {
  if (isTags(field)) return { ...sample, tags: (value as string[] | null) ?? [] };
  const { [field]: _, ...others } = sample.values;
  return { ...sample, values: value === null ? others : { ...others, [field]: value } };
}

export function withFacts(sample: Sample, field: string, facts: ValueFacts | null): Sample {
  if (isTags(field)) return sample;
  const { [field]: _, ...others } = sample.provenance;
  return { ...sample, provenance: facts ? { ...others, [field]: facts } : others };
}
