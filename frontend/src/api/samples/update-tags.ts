import type { Answer, Sent } from "@/annotation/saving-ports";
import { ApiError } from "../errors";
import { http } from "../http";
import type { Sample } from "../types";
import { afterError } from "../values/put-values";

type Tags = readonly string[];

/** What one changed; all of them where it is not known what one saw. What others did meanwhile stands beside it. */
export function tagChanges(value: Tags, base: Tags | undefined) {
  if (!base) return { tags: value };
  return {
    add_tags: value.filter((tag) => !base.includes(tag)),
    remove_tags: base.filter((tag) => !value.includes(tag)),
  };
}

/** The tags of samples, one request each. */
export async function putTags(dataset: number, sent: readonly Sent[]): Promise<Answer> {
  const revisions: Record<string, number> = {};
  const values: Record<string, unknown> = {};
  for (const { sample, value, base } of sent) {
    try {
      const body = tagChanges((value ?? []) as Tags, base as Tags | undefined);
      const { tags } = await http.patch<Sample>(`/datasets/${dataset}/samples/${sample}/`, { body });
      revisions[String(sample)] = 0;
      values[String(sample)] = tags;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return afterError(error);
    }
  }
  return { kind: "done", revisions, conflicts: [], values };
}
