import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { checkSchema } from "@/api/models/check-schema";
import type { Proposal } from "@/api/types";
import { type Mark, placeFaults, readJson } from "@/components/code/json-marks";

interface SchemaCheck {
  /** The faults in the text: its syntax at once, its meaning from the server a moment later. */
  marks: readonly Mark[];
  /** The number that a version with this schema would get; null while it is not known. */
  proposal: Proposal | null;
}

export function useSchemaCheck(text: string, model: number): SchemaCheck {
  const [settled] = useDebouncedValue(text, 400);
  const parsed = useMemo(() => (text.trim() ? readJson(text) : null), [text]);
  const check = useQuery({
    queryKey: ["check-schema", model, settled],
    queryFn: ({ signal }) => checkSchema(readJson(settled).value, model, signal),
    enabled: settled.trim() !== "" && readJson(settled).marks.length === 0,
    staleTime: 30_000,
  });
  return useMemo(() => {
    if (!parsed) return { marks: [], proposal: null };
    if (parsed.marks.length > 0 || settled !== text) return { marks: parsed.marks, proposal: null };
    return {
      marks: placeFaults(text, check.data?.faults ?? []),
      proposal: check.data?.proposal ?? null,
    };
  }, [parsed, settled, text, check.data]);
}
