/** The page's cache of server state and the keys it is filed under. */

import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./errors";

export const queryClient = new QueryClient({
  defaultOptions: {
    // The server may be this very machine: it answers without the internet that a browser calls "online".
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      staleTime: 5_000,
      // A refusal will be refused again; only a lost connection or a restarting server is worth another try.
      retry: (count, error) =>
        count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 502),
    },
  },
});

/** Every key begins with its resource, so that a change can invalidate all that shows it. */
export const keys = {
  me: ["me"] as const,
  sessions: ["sessions"] as const,
  uploads: ["uploads"] as const,
  tokens: ["tokens"] as const,
  people: ["people"] as const,
  audit: ["audit"] as const,
  candidates: ["candidates"] as const,
  datasets: ["datasets"] as const,
  dataset: (id: number) => ["datasets", id] as const,
  samples: (dataset: number) => ["samples", dataset] as const,
  sample: (dataset: number) => ["sample", dataset] as const,
  facets: (dataset: number) => ["facets", dataset] as const,
  views: (dataset: number) => ["views", dataset] as const,
  reviews: (dataset: number) => ["reviews", dataset] as const,
  jobs: ["jobs"] as const,
  datasetJobs: (dataset: number) => ["jobs", "dataset", dataset] as const,
  job: (id: number) => ["jobs", "one", id] as const,
  jobErrors: (job: number) => ["jobs", "errors", job] as const,
  evaluations: (dataset: number) => ["evaluations", dataset] as const,
  evaluation: (dataset: number, id: number) => ["evaluations", dataset, id] as const,
  projections: (dataset: number) => ["projections", dataset] as const,
  points: (dataset: number) => ["points", dataset] as const,
  models: ["models"] as const,
  modelLists: ["models", "list"] as const,
  model: (id: number) => ["models", id] as const,
  deployments: ["deployments"] as const,
  deployment: (id: number) => ["deployments", id] as const,
};
