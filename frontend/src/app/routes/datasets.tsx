import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
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
  validateSearch: (search: Record<string, unknown>): { q?: string } =>
    typeof search.q === "string" && search.q ? { q: search.q } : {},
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
