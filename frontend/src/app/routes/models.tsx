import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../root-route";

const modelsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models",
  validateSearch: (search: Record<string, unknown>): { q?: string } =>
    typeof search.q === "string" && search.q ? { q: search.q } : {},
  component: lazyRouteComponent(() => import("../pages/ModelsPage"), "ModelsPage"),
});

const modelRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models/$modelId",
  params: {
    parse: ({ modelId }) => ({ modelId: Number(modelId) }),
    stringify: ({ modelId }) => ({ modelId: String(modelId) }),
  },
  component: lazyRouteComponent(() => import("../pages/ModelPage"), "ModelPage"),
});

export const modelRoutes = [modelsRoute, modelRoute] as const;
