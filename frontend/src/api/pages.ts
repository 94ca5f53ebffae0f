/** Lists that are short by nature (datasets, models, deployments) are read to their end. */

import { http, type Query } from "./http";
import type { Page } from "./types";

export async function everyPage<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await http.get(path, { query: { ...query, limit: 200, cursor }, signal });
    all.push(...page.results);
    cursor = page.next ?? undefined;
  } while (cursor);
  return all;
}
