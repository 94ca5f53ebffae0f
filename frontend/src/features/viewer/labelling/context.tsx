/** One labelling for a dataset's page; the grid, the sample and the dialogs work on the same. */

import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import type { Draft } from "@/annotation/drafts";
import type { Saving } from "@/annotation/saving-ports";
import { useServerAnswers } from "@/api/connection";
import { useMe } from "@/api/me/get-me";
import { useView } from "../view";
import { draftStore } from "./drafts-db";
import { Labelling } from "./labelling";

interface Shared {
  labelling: Labelling;
  /** Unsaved changes of an earlier visit, until somebody decides. */
  offered: readonly Draft[];
  restore: () => void;
  discard: () => void;
}

const LabellingContext = createContext<Shared | null>(null);

export function LabellingProvider({ children }: { children: ReactNode }) {
  const { data: me } = useMe();
  const { dataset } = useView();
  const client = useQueryClient();
  const labelling = useMemo(
    () => (me ? new Labelling(dataset.id, me, client, draftStore()) : null),
    [dataset.id, me, client],
  );
  const [offered, setOffered] = useState<readonly Draft[]>([]);
  const answers = useServerAnswers();

  useEffect(() => {
    let isHere = true;
    labelling?.left().then((left) => isHere && setOffered(left));
    return () => {
      isHere = false;
    };
  }, [labelling]);
  useEffect(() => {
    if (answers) void labelling?.saver.flush();
  }, [answers, labelling]);

  const restore = useCallback(() => {
    labelling?.restore(offered);
    setOffered([]);
  }, [labelling, offered]);
  const discard = useCallback(() => {
    void labelling?.drop(offered);
    setOffered([]);
  }, [labelling, offered]);
  const shared = useMemo(
    () => labelling && { labelling, offered, restore, discard },
    [labelling, offered, restore, discard],
  );
  return <LabellingContext value={shared}>{children}</LabellingContext>;
}

/** Null until it is known who is signed in. */
export const useShared = (): Shared | null => use(LabellingContext);

export const useLabelling = (): Labelling | null => useShared()?.labelling ?? null;

const SAVED: Saving = { state: "saved", unsaved: [] };
const never = () => () => {};

/** What is being saved; renders again with every change of it. */
export function useSaving(): Saving {
  const saver = useLabelling()?.saver;
  return useSyncExternalStore(saver?.subscribe ?? never, saver?.snapshot ?? (() => SAVED));
}
