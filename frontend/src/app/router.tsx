/** All routes. View state lives in the URL, so that every link and reload shows the same thing. */

import { createRouter } from "@tanstack/react-router";
import { rootRoute } from "./root-route";
import { accountRoutes } from "./routes/accounts";
import { datasetRoutes } from "./routes/datasets";
import { evaluationRoutes } from "./routes/evaluations";
import { modelRoutes } from "./routes/models";
import { ErrorPage } from "./shell/ErrorPage";
import { NotFoundPage } from "./shell/NotFoundPage";

export const router = createRouter({
  routeTree: rootRoute.addChildren([...datasetRoutes, ...evaluationRoutes, ...modelRoutes, ...accountRoutes]),
  defaultPreload: "intent",
  defaultErrorComponent: ErrorPage,
  defaultNotFoundComponent: NotFoundPage,
  defaultPendingMs: 300,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
