/** Undo and redo of the page: goes to the sample whose change is taken back, or says what happened to which. */

import { notifications } from "@mantine/notifications";
import { useMemo } from "react";
import type { Step } from "@/annotation/changes";
import { useView } from "../view";
import { useLabelling } from "./context";

let last = "";

export function useUndo(): { undo: () => boolean; redo: () => boolean } {
  const labelling = useLabelling();
  const { search, change } = useView();
  const open = search.sample;
  return useMemo(() => {
    function tell(word: string, step: Step | null | undefined): boolean {
      const message = step ? `${word}: ${step.what}` : "Nothing is left to do.";
      const [only] = step?.parts ?? [];
      if (open !== undefined && only && step?.parts.length === 1 && only.sample !== open) {
        change({ sample: only.sample }, { replace: true });
      }
      notifications.hide(last);
      last = notifications.show({ message, autoClose: 2500 });
      return true;
    }
    return {
      undo: () => tell("Undone", labelling?.history.undo()),
      redo: () => tell("Redone", labelling?.history.redo()),
    };
  }, [labelling, open, change]);
}
