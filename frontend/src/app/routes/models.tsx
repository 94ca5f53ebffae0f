import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { readModelSearch } from "@/lib/model-search";
import { rootRoute } from "../root-route";

const modelsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models",
  validateSearch: readModelSearch,
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
