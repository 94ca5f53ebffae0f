/** The API's one error shape as an exception of the page. */

export interface Fault {
  /** RFC 6901 pointer into what was sent ("" is the whole of it), or the name of a file. */
  pointer: string;
  message: string;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Fault[] = [],
    /** The whole answer, where it says more than the error. */
    readonly body: unknown = undefined,
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** The message for exactly this place of what was sent. */
  at(pointer: string): string | undefined {
    return this.details.find((fault) => fault.pointer === pointer)?.message;
  }

  /** Messages at this place or anywhere below it. */
  under(pointer: string): Fault[] {
    return this.details.filter(
      (fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`),
    );
  }

  get isSignedOut(): boolean {
    return this.status === 401 || (this.status === 403 && this.code === "not_authenticated");
  }
}

const SENTENCES: Record<number, string> = {
  0: "The server does not answer. Check the connection; nothing was lost.",
  404: "There is nothing here, or nothing that you may see.",
  413: "This is larger than the server accepts.",
};

export function errorFromBody(status: number, text: string): ApiError {
  try {
    const body = JSON.parse(text) as { error: { code: string; message: string; details?: Fault[] } };
    const { code, message, details = [] } = body.error;
    return new ApiError(status, code, message, details, body);
  } catch {
    return new ApiError(status, "error", SENTENCES[status] ?? `The server answered ${status}.`);
  }
}

/** What the server said against exactly this place of what was sent, if that is why it failed. */
export const faultAt = (error: unknown, pointer: string): string | undefined =>
  error instanceof ApiError ? error.at(pointer) : undefined;

/** The same for this place and all below it: the first thing that was said. */
export const faultUnder = (error: unknown, pointer: string): string | undefined =>
  error instanceof ApiError ? error.under(pointer)[0]?.message : undefined;

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
