import { useRef } from "react";

/** 128 random bits as hex; `crypto.randomUUID` is missing where the page is served without TLS. */
export function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** The same key for the same request, so that pressing twice or trying again after a lost answer runs it once. */
export function useKeyFor(): (request: unknown) => string {
  const last = useRef({ body: "", key: "" });
  return (request) => {
    const body = JSON.stringify(request);
    if (body !== last.current.body) last.current = { body, key: randomKey() };
    return last.current.key;
  };
}
