import type { Answer, Sent } from "@/annotation/saving-ports";
import { ApiError } from "../errors";
import { http } from "../http";
import type { Sample } from "../types";
import { afterError } from "../values/put-values";

/** The tags of samples, one request each; they have no revisions, the last one who writes is right. */
export async function putTags(dataset: number, values: readonly Sent[]): Promise<Answer> {
  const revisions: Record<string, number> = {};
  for (const { sample, value } of values) {
    try {
      await http.patch<Sample>(`/datasets/${dataset}/samples/${sample}/`, { body: { tags: value ?? [] } });
      revisions[String(sample)] = 0;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return afterError(error);
    }
  }
  return { kind: "done", revisions, conflicts: [] };
}
