import type { Answer, Sent } from "@/annotation/saving-ports";
import { ApiError } from "../errors";
import { http } from "../http";
import type { WrittenValues } from "../types";

/** Answers after which the same is worth sending again: nobody there, too busy, too often, signed out. */
const PASSING = [0, 401, 429, 502, 503, 504];

/** Up to 1,000 values of one field; what somebody else changed first comes back as conflicts, never as an error. */
export async function putValues(dataset: number, field: string, values: readonly Sent[]): Promise<Answer> {
  try {
    return answered(
      await http.put<WrittenValues>(`/datasets/${dataset}/values/`, { body: { field, values } }),
    );
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 409 && error.code === "conflict") return answered(error.body as WrittenValues);
    return afterError(error);
  }
}

export function afterError(error: ApiError): Answer {
  if (PASSING.includes(error.status) || error.isSignedOut) return { kind: "silent" };
  return { kind: "refused", message: error.message };
}

const answered = ({ revisions, conflicts }: WrittenValues): Answer => ({
  kind: "done",
  revisions,
  conflicts,
});
