/** Which upload a file was begun as, kept by the browser: the same file chosen again, also later, goes on there. */

import { ApiError } from "../errors";
import { http } from "../http";
import type { ResumableUpload } from "../types";

const KEPT_AS = "samplecase.uploads";
const MOST_KEPT = 50;
/** Larger files are not hashed beforehand: a browser does that only with all of their bytes in memory. */
const MOST_HASHED = 64 * 2 ** 20;
export const VERSION = { "Tus-Resumable": "1.0.0" };

const markOf = (file: File) => `${file.name} ${file.size} ${file.lastModified}`;

function kept(): [mark: string, id: string][] {
  try {
    return JSON.parse(localStorage.getItem(KEPT_AS) ?? "[]") as [string, string][];
  } catch {
    return [];
  }
}

function keep(file: File, id: string | null) {
  const others = kept().filter(([mark]) => mark !== markOf(file));
  const all = id ? [...others, [markOf(file), id]] : others;
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify(all.slice(-MOST_KEPT)));
  } catch {
    // A browser that keeps nothing sends such a file from its beginning.
  }
}

export const forgetBegun = (file: File) => keep(file, null);

/** The file's upload as far as it came, a new one where there is none (any more). */
export async function begun(file: File, signal: AbortSignal): Promise<ResumableUpload> {
  const id = kept().find(([mark]) => mark === markOf(file))?.[1];
  const earlier = id ? await found(id, signal) : null;
  if (earlier && earlier.length === file.size) return earlier;
  const said = await metadataOf(file);
  const made = await http.post<ResumableUpload>("/uploads/", {
    headers: { ...VERSION, "Upload-Length": String(file.size), "Upload-Metadata": said },
    signal,
  });
  keep(file, made.id);
  return made;
}

async function found(id: string, signal: AbortSignal): Promise<ResumableUpload | null> {
  try {
    return await http.get<ResumableUpload>(`/uploads/${id}/`, { signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** Gives the upload up, here and on the server. */
export async function giveUp(file: File): Promise<void> {
  const id = kept().find(([mark]) => mark === markOf(file))?.[1];
  forgetBegun(file);
  // What cannot be removed now is swept later.
  if (id) await http.delete(`/uploads/${id}/`, { headers: VERSION }).catch(() => undefined);
}

async function metadataOf(file: File): Promise<string> {
  const said: [string, string][] = [["filename", file.name]];
  // Only there for pages from a safe place: HTTPS, or this very machine.
  if (file.size <= MOST_HASHED && globalThis.crypto?.subtle) {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    said.push([
      "sha256",
      [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    ]);
  }
  return said.map(([key, value]) => `${key} ${base64(value)}`).join(",");
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
