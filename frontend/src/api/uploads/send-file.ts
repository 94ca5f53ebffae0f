/** One try to send a file by tus, from where the last one broke off. */

import { type DetailedError, Upload } from "tus-js-client";
import { noteAnswer } from "../connection";
import { errorFromBody } from "../errors";
import { apiUrl, cookie, leaveToSignIn } from "../http";
import { begun, forgetBegun } from "./begun";

/** As much as a proxy lets through, and as the server stores at once. */
const PIECE = 16 * 2 ** 20;
/** Without a byte, after which a connection counts as lost, though nobody said so. In milliseconds. */
const SILENCE = 60_000;

export interface Hearing {
  /** How many bytes of it the server has. */
  onSent: (sent: number) => void;
  signal: AbortSignal;
}

/** Resolves with the upload's id when the server has all of it. It may still be reading it: then its use has to wait. */
export async function sendFile(file: File, { onSent, signal }: Hearing): Promise<string> {
  await readable(file);
  const upload = await begun(file, signal);
  onSent(upload.offset);
  if (upload.complete) return upload.id;
  let watching: ReturnType<typeof setInterval> | undefined;
  await new Promise<void>((resolve, reject) => {
    let heardAt = performance.now();
    let left = file.size - upload.offset;
    const sending = new Upload(file, {
      uploadUrl: apiUrl(`/uploads/${upload.id}/`),
      chunkSize: PIECE,
      retryDelays: null,
      storeFingerprintForResuming: false,
      onBeforeRequest: (request) => request.setHeader("X-CSRFToken", cookie("csrftoken")),
      onAfterResponse: (_, answer) => noteAnswer(answer.getStatus()),
      onProgress: (sent) => {
        heardAt = performance.now();
        left = file.size - sent;
        onSent(sent);
      },
      onSuccess: () => resolve(),
      onError: (error) => reject(plain(error, file)),
    });
    signal.addEventListener("abort", () => {
      sending.abort();
      reject(new DOMException("The upload was stopped.", "AbortError"));
    });
    watching = setInterval(() => {
      // With all of it sent, the server is reading it.
      if (left === 0 || performance.now() - heardAt < SILENCE) return;
      sending.abort();
      noteAnswer(0);
      reject(errorFromBody(0, ""));
    }, SILENCE / 10);
    sending.start();
  }).finally(() => clearInterval(watching));
  return upload.id;
}

/** Raises what the browser says of a file that was changed or moved since it was chosen. */
async function readable(file: File): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new Error(`“${file.name}” can no longer be read: it was changed or moved. Choose it again.`);
  }
}

function plain(error: Error | DetailedError, file: File): Error {
  if (!("originalResponse" in error)) return error;
  const status = error.originalResponse?.getStatus() ?? 0;
  if (status === 0) noteAnswer(0);
  // Its bytes are not those of its digest, or its time was over: a new one begins at the beginning.
  if (status === 460 || status === 404) forgetBegun(file);
  const told = errorFromBody(status, error.originalResponse?.getBody() ?? "");
  if (told.isSignedOut) leaveToSignIn();
  return told;
}
