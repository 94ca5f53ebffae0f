import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { http } from "../http";
import { everyPage } from "../pages";
import { keys } from "../query-client";
import type { ResumableUpload } from "../types";
import { VERSION } from "./begun";

/** One's uploads that nothing was made of yet. */
export function useUploads() {
  return useQuery({
    queryKey: keys.uploads,
    queryFn: ({ signal }) => everyPage<ResumableUpload>("/uploads/", {}, signal),
  });
}

/** Removes one, with all that came of it. */
export function useRemoveUpload() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => http.delete(`/uploads/${id}/`, { headers: VERSION }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.uploads }),
  });
}
