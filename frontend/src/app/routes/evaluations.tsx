import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { parseEvaluationSearch, parseEvaluationsSearch } from "@/lib/evaluation-search";
import { rootRoute } from "../root-route";

const evaluationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/datasets/$datasetId/evaluations",
  params: {
    parse: ({ datasetId }) => ({ datasetId: Number(datasetId) }),
    stringify: ({ datasetId }) => ({ datasetId: String(datasetId) }),
  },
  validateSearch: parseEvaluationsSearch,
  component: lazyRouteComponent(() => import("../pages/EvaluationsPage"), "EvaluationsPage"),
});

const evaluationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/datasets/$datasetId/evaluations/$evaluationId",
  params: {
    parse: ({ datasetId, evaluationId }) => ({
      datasetId: Number(datasetId),
      evaluationId: Number(evaluationId),
    }),
    stringify: ({ datasetId, evaluationId }) => ({
      datasetId: String(datasetId),
      evaluationId: String(evaluationId),
    }),
  },
  validateSearch: parseEvaluationSearch,
  component: lazyRouteComponent(() => import("../pages/EvaluationPage"), "EvaluationPage"),
});

export const evaluationRoutes = [evaluationsRoute, evaluationRoute] as const;
