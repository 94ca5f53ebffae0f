import { useMutation, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { keys } from "../query-client";
import type { Me } from "../types";

export function useUpdateMe() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string }) => http.patch<Me>("/me/", { body }),
    onSuccess: (me) => client.setQueryData(keys.me, me),
  });
}
