import { windowId } from "@/lib/window-id";
import { http } from "../http";
import type { ReviewCounts, ReviewDecision, ReviewOutcome, Sample } from "../types";

export interface Claimed {
  results: Sample[];
  counts: ReviewCounts;
}

export interface Decided {
  sample: number;
  decision: ReviewDecision;
  /** Of a correction. */
  value?: unknown;
  /** Of the target's value that was seen, 0: none. */
  revision: number;
  /** Of the model's value that was seen. */
  source_revision: number;
}

/** What one person does in one review, in this window: what another one has stays there. */
export function reviewWork(dataset: number, review: number) {
  const path = `/datasets/${dataset}/reviews/${review}`;
  const query = { window: windowId() };
  return {
    claim: (count: number) => http.post<Claimed>(`${path}/claims/`, { query, body: { count } }),
    release: () => http.delete(`${path}/claims/`, { query }),
    decide: (body: Decided) => http.post<ReviewOutcome>(`${path}/decisions/`, { query, body }),
    undo: () => http.post<ReviewOutcome>(`${path}/undo/`, { query }),
    sample: (id: number) => http.get<Sample>(`/datasets/${dataset}/samples/${id}/`),
  };
}

export type ReviewWork = ReturnType<typeof reviewWork>;
