/** One way to the server: JSON with the session's cookie, CSRF header, ETags and typed errors. */

import { noteAnswer } from "./connection";
import { ApiError, errorFromBody } from "./errors";

export const API_ROOT = "/api/v1";

/** A list is sent as the same parameter again and again. */
export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

interface RequestOptions {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export function cookie(name: string): string {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

export function apiUrl(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const each of value) params.append(key, each);
    else if (value !== undefined && value !== null && value !== "") params.set(key, String(value));
  }
  const tail = params.toString();
  return `${API_ROOT}${path}${tail ? `?${tail}` : ""}`;
}

/** Someone whose session ended is sent to sign in, and comes back to the same view. */
export function leaveToSignIn(): void {
  const here = location.pathname + location.search;
  location.assign(`/login/?next=${encodeURIComponent(here)}`);
}

async function send(method: string, url: string, options: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  let body: BodyInit | undefined;
  if (options.body instanceof FormData) body = options.body;
  else if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(options.body);
  }
  if (method !== "GET") headers["X-CSRFToken"] = cookie("csrftoken");
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      body,
      signal: options.signal,
      credentials: "same-origin",
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    noteAnswer(0);
    throw errorFromBody(0, "");
  }
  noteAnswer(response.status);
  if (response.ok || response.status === 304) return response;
  const error = errorFromBody(response.status, await response.text());
  if (error.isSignedOut) leaveToSignIn();
  throw error;
}

async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(method, apiUrl(path, options.query), options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

const remembered = new Map<string, { etag: string; body: unknown }>();

/** GET that asks "changed since?" and gives the very same object back when nothing has. */
async function poll<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const url = apiUrl(path, options.query);
  const known = remembered.get(url);
  const response = await send("GET", url, {
    ...options,
    headers: known ? { "If-None-Match": known.etag } : {},
  });
  if (response.status === 304) {
    if (known) return known.body as T;
    throw new ApiError(304, "error", "The server answered 304 to a question that was not asked.");
  }
  const body = (await response.json()) as T;
  const etag = response.headers.get("ETag");
  if (etag) remembered.set(url, { etag, body });
  return body;
}

export const http = {
  get: <T>(path: string, options?: RequestOptions) => request<T>("GET", path, options),
  poll,
  post: <T>(path: string, options?: RequestOptions) => request<T>("POST", path, options),
  put: <T>(path: string, options?: RequestOptions) => request<T>("PUT", path, options),
  patch: <T>(path: string, options?: RequestOptions) => request<T>("PATCH", path, options),
  delete: <T = void>(path: string, options?: RequestOptions) => request<T>("DELETE", path, options),
};
