import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";

/** A new password; the other sessions end. */
export function useChangePassword() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { current?: string; new: string }) => http.post<void>("/me/password/", { body }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.me }),
        client.invalidateQueries({ queryKey: keys.sessions }),
      ]),
  });
}
