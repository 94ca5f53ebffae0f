import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { AuditEntry, Page } from "../types";

export interface AuditFilter {
  action?: string;
  actor?: string;
  type?: string;
  id?: string;
  since?: string;
  until?: string;
  search?: string;
}

/** Rows of the audit log that one may read, newest first. */
export function useAudit(filter: AuditFilter) {
  return useInfiniteQuery({
    queryKey: [...keys.audit, filter],
    queryFn: ({ pageParam, signal }) =>
      http.get<Page<AuditEntry>>("/audit/", { query: { ...filter, cursor: pageParam, limit: 50 }, signal }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}
