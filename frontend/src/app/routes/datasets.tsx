import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import type { Shared } from "@/api/datasets/list-datasets";
import { parseViewSearch } from "@/lib/view-search";
import { rootRoute } from "../root-route";

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/datasets" });
  },
});

const datasetsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/datasets",
  validateSearch: (search: Record<string, unknown>): { q?: string; shared?: Shared } => ({
    q: typeof search.q === "string" && search.q ? search.q : undefined,
    shared: search.shared === "mine" || search.shared === "with_me" ? search.shared : undefined,
  }),
  component: lazyRouteComponent(() => import("../pages/DatasetsPage"), "DatasetsPage"),
});

const datasetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/datasets/$datasetId",
  params: {
    parse: ({ datasetId }) => ({ datasetId: Number(datasetId) }),
    stringify: ({ datasetId }) => ({ datasetId: String(datasetId) }),
  },
  validateSearch: parseViewSearch,
  component: lazyRouteComponent(() => import("../pages/DatasetPage"), "DatasetPage"),
});

export const datasetRoutes = [homeRoute, datasetsRoute, datasetRoute] as const;
