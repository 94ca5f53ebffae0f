/** Multipart uploads with progress, which `fetch` cannot report. */

import { noteAnswer } from "./connection";
import { errorFromBody } from "./errors";
import { apiUrl, cookie, leaveToSignIn } from "./http";

interface UploadOptions {
  query?: Record<string, string | undefined>;
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
}

/** POST a form; `onProgress` hears the share of bytes sent, 0..1. */
export function upload<T>(path: string, form: FormData, options: UploadOptions = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", apiUrl(path, options.query));
    call.setRequestHeader("Accept", "application/json");
    call.setRequestHeader("X-CSRFToken", cookie("csrftoken"));
    call.upload.onprogress = (event) => {
      if (event.lengthComputable) options.onProgress?.(event.loaded / event.total);
    };
    call.onload = () => {
      noteAnswer(call.status);
      if (call.status >= 200 && call.status < 300) return resolve(JSON.parse(call.responseText) as T);
      const error = errorFromBody(call.status, call.responseText);
      if (error.isSignedOut) leaveToSignIn();
      reject(error);
    };
    call.onerror = () => {
      noteAnswer(0);
      reject(errorFromBody(0, ""));
    };
    call.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    options.signal?.addEventListener("abort", () => call.abort());
    call.send(form);
  });
}
