import { ApiError, type Fault } from "../errors";
import { http } from "../http";

/** The faults of a schema, with their pointers; none when it is valid. Nothing is stored. */
export async function checkSchema(schema: unknown, signal?: AbortSignal): Promise<Fault[]> {
  try {
    await http.post("/models/check-schema/", { body: { schema }, signal });
    return [];
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
    const faults = error.details.length ? error.details : [{ pointer: "", message: error.message }];
    // The request wraps the schema; its own pointers begin inside.
    return faults.map((fault) => ({ ...fault, pointer: fault.pointer.replace(/^\/schema(?=\/|$)/, "") }));
  }
}
