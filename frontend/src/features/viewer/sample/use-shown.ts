/** A sample as it stands for whoever works on it: with what is not saved yet. */

import { useMemo } from "react";
import type { Sample } from "@/api/types";
import { withValue } from "../labelling/cache";
import { useSaving } from "../labelling/context";

export function useShown(sample: Sample | undefined): Sample | undefined {
  const { unsaved } = useSaving();
  return useMemo(() => {
    if (!sample) return undefined;
    const own = unsaved.filter((each) => each.sample === sample.id);
    return own.reduce((shown, { field, value }) => withValue(shown, field, value), sample);
  }, [sample, unsaved]);
}
