import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { AuditFilter } from "@/api/audit/list-audit";
import { rootRoute } from "../root-route";

const AUDIT_KEYS = ["action", "actor", "type", "id", "since", "until", "search"] as const;

function parseAuditSearch(search: Record<string, unknown>): AuditFilter {
  const filter: AuditFilter = {};
  for (const key of AUDIT_KEYS) {
    const value = search[key];
    // An id in an address reads as a number.
    if (typeof value === "string" || typeof value === "number") filter[key] = String(value);
  }
  return filter;
}

const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account",
  component: lazyRouteComponent(() => import("../pages/AccountPage"), "AccountPage"),
});

const peopleRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/people",
  component: lazyRouteComponent(() => import("../pages/PeoplePage"), "PeoplePage"),
});

const auditRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/audit",
  validateSearch: parseAuditSearch,
  component: lazyRouteComponent(() => import("../pages/AuditPage"), "AuditPage"),
});

export const accountRoutes = [accountRoute, peopleRoute, auditRoute] as const;
