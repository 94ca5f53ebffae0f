import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { checkSchema } from "@/api/models/check-schema";
import { type Mark, placeFaults, readJson } from "@/components/code/json-marks";

/** The faults of a schema's text: its syntax at once, its meaning from the server a moment later. */
export function useSchemaMarks(text: string): readonly Mark[] {
  const [settled] = useDebouncedValue(text, 400);
  const parsed = useMemo(() => (text.trim() ? readJson(text) : null), [text]);
  const check = useQuery({
    queryKey: ["check-schema", settled],
    queryFn: ({ signal }) => checkSchema(readJson(settled).value, signal),
    enabled: settled.trim() !== "" && readJson(settled).marks.length === 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return useMemo(() => {
    if (!parsed) return [];
    if (parsed.marks.length > 0 || settled !== text) return parsed.marks;
    return placeFaults(text, check.data ?? []);
  }, [parsed, settled, text, check.data]);
}
