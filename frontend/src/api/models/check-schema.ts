import { ApiError, type Fault } from "../errors";
import { http } from "../http";
import type { Proposal } from "../types";

export interface SchemaCheck {
  /** With their pointers; none when the schema is valid. */
  faults: Fault[];
  /** Null where there are faults. */
  proposal: Proposal | null;
}

/** What is wrong with a schema, or which number a next version of the model with it would get. Nothing is stored. */
export async function checkSchema(
  schema: unknown,
  model: number,
  signal?: AbortSignal,
): Promise<SchemaCheck> {
  try {
    const body = { schema, model };
    const found = await http.post<{ proposal: Proposal | null }>("/models/check-schema/", { body, signal });
    return { faults: [], proposal: found.proposal };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
    const faults = error.details.length ? error.details : [{ pointer: "", message: error.message }];
    // The request wraps the schema; its own pointers begin inside.
    const placed = faults.map((each) => ({
      ...each,
      pointer: each.pointer.replace(/^\/schema(?=\/|$)/, ""),
    }));
    return { faults: placed, proposal: null };
  }
}
