/** Works through a review: each decision is shown at once and sent in its turn, and the next samples are fetched ahead. */

import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ApiError, messageOf } from "@/api/errors";
import { keys } from "@/api/query-client";
import { reviewWork } from "@/api/reviews/work-on-review";
import { refreshSamples } from "@/api/samples/change-samples";
import type { Review, ReviewDecision } from "@/api/types";
import * as session from "./session";

/** Refusals after which the sample is somebody else's, or gone. */
const LOST = ["claimed", "decided", "not_in_review"];

export function useSession(dataset: number, review: Review) {
  const client = useQueryClient();
  const work = useMemo(() => reviewWork(dataset, review.id), [dataset, review.id]);
  const [state, setState] = useState(session.NEW);
  const [error, setError] = useState<unknown>(null);
  const latest = useRef(state);
  const turn = useRef<Promise<unknown>>(Promise.resolve());
  const asking = useRef(false);

  const update = useCallback((change: (now: session.Session) => session.Session) => {
    latest.current = change(latest.current);
    setState(latest.current);
  }, []);
  /** One request after the other: a claim must not give out again what is on its way. */
  const inTurn = useCallback((act: () => Promise<void>) => {
    turn.current = turn.current.then(act);
  }, []);

  const refill = useCallback(() => {
    if (asking.current) return;
    asking.current = true;
    setError(null);
    inTurn(async () => {
      const asked = session.wanted(latest.current);
      try {
        const claimed = await work.claim(asked);
        asking.current = false;
        update((now) => session.refilled(now, asked, claimed));
      } catch (refusal) {
        asking.current = false;
        setError(refusal);
      }
    });
  }, [work, inTurn, update]);

  useEffect(() => {
    if (session.isShort(state) && !error) refill();
  }, [state, error, refill]);
  useEffect(
    () => () => {
      // Left, not reloaded: others need not wait for what was claimed here.
      inTurn(async () => {
        await work.release().catch(() => undefined);
        void client.invalidateQueries({ queryKey: keys.reviews(dataset) });
        refreshSamples(client, dataset);
      });
    },
    [client, dataset, work, inTurn],
  );

  function decide(decision: ReviewDecision, value?: unknown): boolean {
    const sample = session.current(latest.current);
    if (!sample) return false;
    const revisionOf = (field: string) => sample.provenance[field]?.revision ?? 0;
    update((now) => session.decided(now, sample.id, decision));
    inTurn(async () => {
      try {
        const { counts } = await work.decide({
          sample: sample.id,
          decision,
          ...(decision === "correct" ? { value } : {}),
          revision: revisionOf(review.target),
          source_revision: revisionOf(review.source),
        });
        update((now) => session.answered(now, sample.id, counts));
      } catch (refusal) {
        tell(`${sample.name}: ${messageOf(refusal)}`, "yellow");
        if (refusal instanceof ApiError && LOST.includes(refusal.code)) {
          update((now) => session.answered(now, sample.id));
        } else {
          // What changed meanwhile is to be seen before it is decided on.
          const fresh = await work.sample(sample.id).catch(() => sample);
          update((now) => session.returned(now, fresh));
        }
      }
    });
    return true;
  }

  function undo(): void {
    inTurn(async () => {
      try {
        const { sample: id, restored, counts } = await work.undo();
        const sample = await work.sample(id);
        update((now) => session.returned(now, sample, counts));
        const kept = restored ? "" : ` Somebody changed its ${review.target} since; that stays.`;
        tell(`Taken back: ${sample.name}.${kept}`);
      } catch (refusal) {
        tell(messageOf(refusal), "yellow");
      }
    });
  }

  return {
    state,
    error,
    decide,
    undo,
    refill,
    step: (by: 1 | -1) => update((now) => session.stepped(now, by)),
  };
}

let last = "";

function tell(message: string, color?: string): void {
  notifications.hide(last);
  last = notifications.show({ message, autoClose: 4_000, ...(color ? { color } : {}) });
}
