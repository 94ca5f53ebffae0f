import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { everyPage } from "../pages";
import { keys } from "../query-client";
import type { NewToken, Token, TokenRequest } from "../types";

/** One's tokens, without their text. */
export function useTokens() {
  return useQuery({
    queryKey: keys.tokens,
    queryFn: ({ signal }) => everyPage<Token>("/tokens/", {}, signal),
  });
}

/** A token with its text, which is known this once. */
export function useMakeToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: TokenRequest) => http.post<NewToken>("/tokens/", { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tokens }),
  });
}

export function useRevokeToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => http.delete(`/tokens/${id}/`),
    onSettled: () => client.invalidateQueries({ queryKey: keys.tokens }),
  });
}
