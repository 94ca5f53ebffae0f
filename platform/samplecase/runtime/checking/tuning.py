"""The tuning of a no-code package: a team of replicas, the search, and the plan as a job will run it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from samplecase.contracts.jobs import DeploymentClaim, ModelSpec
from samplecase.contracts.plans import TOLERANCE, Plan, Tricks
from samplecase.runtime.checking.agreement import Agreement
from samplecase.runtime.checking.examples import ExampleFiles
from samplecase.runtime.checking.search import FAILED, REJECTED, Search, Tried, changes, layouts
from samplecase.runtime.checking.sizes import MEMORY_SHARE, host_memory
from samplecase.runtime.checking.team import Abandoned, Team, Unfit
from samplecase.runtime.checking.trial import Asking
from samplecase.runtime.engines.port import Replica, ReplicaNotStarted
from samplecase.runtime.media import MediaSource
from samplecase.runtime.pool import Borrower, ReplicaPool
from samplecase.runtime.settings import ExecutorSettings
from samplecase.runtime.starting import threads_of

__all__ = ["Abandoned", "Tuning"]

CONFIRM_SECONDS = 3.0


class Tuning:
    """One tuning; `run` gives what is added to the deployment's `measured`."""

    def __init__(
        self,
        *,
        claim: DeploymentClaim,
        pool: ReplicaPool,
        borrower: Borrower,
        media: MediaSource,
        settings: ExecutorSettings,
        say: Callable[[str], None],
        is_abandoned: threading.Event,
    ) -> None:
        self._claim = claim
        self._pool = pool
        self._borrower = borrower
        self._asking = Asking(claim.spec, media, ExampleFiles())
        self._settings = settings
        self._say = say
        self._is_abandoned = is_abandoned
        self._replicas: list[Replica] = []

    def abandon(self) -> None:
        """End its replicas; `run` then raises `Abandoned`."""
        for replica in list(self._replicas):
            replica.kill()

    def run(self) -> dict[str, Any]:
        """Raises `Abandoned` and `StorageUnavailable`."""
        seconds = self._settings.tune_seconds
        started = time.monotonic()
        self._say(f"Tuning on {len(self._claim.samples)} samples, for at most {seconds:g} s:")
        search = None
        try:
            with self._borrowed(self._team_spec(), self._team_size()) as replicas:
                starting = time.monotonic() - started
                # As long again, and a little, is kept for the replicas of a job that confirm what was found.
                left = max(seconds - 2 * starting - CONFIRM_SECONDS, seconds / 2)
                search = self._search(replicas, left)
                self._look(search, len(replicas))
            plan, confirmed, why = self._confirmed(search)
        except (Unfit, ReplicaNotStarted) as reason:
            plan, confirmed, why = None, {}, f"it cannot be measured: {reason}"
        took = time.monotonic() - started
        self._say(f"Tuning ends after {took:.0f} s: {why}")
        return confirmed | _outcome(plan, search, why=why, seconds=round(took, 1))

    def _team_spec(self) -> ModelSpec:
        return replace(
            self._claim.spec, tricks=Tricks(), is_tuning=True, num_replicas=self._settings.cores, threads=1
        )

    def _team_size(self) -> int:
        spec = self._claim.spec
        return spec.num_replicas if spec.num_gpus else self._settings.cores

    def _search(self, replicas: list[Replica], seconds: float) -> Search:
        claim = self._claim
        return Search(
            self._team(replicas),
            manifest=claim.spec.manifest,
            samples=len(claim.samples),
            sizes=[claim.sizes[each.id] for each in claim.samples],
            seconds=seconds,
            say=self._say,
        )

    def _team(self, replicas: list[Replica]) -> Team:
        return Team(
            replicas,
            spec=self._claim.spec,
            asking=self._asking,
            samples=self._claim.samples,
            is_abandoned=self._is_abandoned,
        )

    def _look(self, search: Search, available: int) -> None:
        spec, threads = self._claim.spec, threads_of(self._claim.spec, self._settings)
        entered = Plan(Tricks(), spec.mini_batch, min(spec.num_replicas, available), threads)
        possible = [(available, threads)] if spec.num_gpus else layouts(available, self._settings.cores)
        search.begin(entered, possible[0])
        search.try_all(changes(is_bf16_allowed=self._claim.allows_bf16, layouts=possible))
        search.settle()
        search.time_entered_again()

    @contextmanager
    def _borrowed(self, spec: ModelSpec, count: int) -> Iterator[list[Replica]]:
        """Up to `count` replicas, as the pool and the memory have room. None of them is used again."""
        try:
            self._borrow(spec, count)
            yield list(self._replicas)
        finally:
            for replica in self._replicas:
                if spec.is_tuning:
                    replica.kill()
                self._pool.give_back(spec, self._borrower, replica)
            self._replicas.clear()

    def _borrow(self, spec: ModelSpec, count: int) -> None:
        self._take(spec, is_first=True)
        memory = self._replicas[0].stats().memory_bytes
        count = min(count, max(1, int(MEMORY_SHARE * host_memory() // max(memory, 1))))
        if count > 1:
            with ThreadPoolExecutor(count - 1) as threads:
                list(threads.map(lambda _: self._take(spec, is_first=False), range(count - 1)))
        if len(self._replicas) < count:
            self._say(f"  there is room for {len(self._replicas)} of {count} replicas only")

    def _take(self, spec: ModelSpec, *, is_first: bool) -> None:
        try:
            replica = self._pool.borrow(spec, self._borrower, is_first=is_first)
        except ReplicaNotStarted:
            if self._is_abandoned.is_set():
                raise Abandoned from None
            raise
        if replica is not None:
            self._replicas.append(replica)

    def _confirmed(self, search: Search) -> tuple[Plan | None, dict[str, Any], str]:
        """The plan, in fresh replicas and as a job runs it; they stay warm for the first job."""
        best, entered = search.best, search.tried[0]
        if best is entered:
            return None, {}, "nothing that answers the same is faster than the plain network as entered"
        plan = best.plan
        spec = replace(
            self._claim.spec,
            mini_batch=plan.mini_batch,
            num_replicas=plan.num_replicas,
            threads=plan.threads,
            tricks=plan.tricks,
        )
        try:
            with self._borrowed(spec, plan.num_replicas) as replicas:
                found = replace(plan, num_replicas=len(replicas))
                burst = self._team(replicas).burst(found, search.indices, seconds=CONFIRM_SECONDS)
                stats = replicas[0].stats()
            agreement = search.compare(burst)
        except (Unfit, ReplicaNotStarted) as reason:
            return self._refused(best, FAILED, f"its replicas do not work: {reason}")
        if agreement.fault:
            return self._refused(best, REJECTED, agreement.fault)
        measured = {
            "images_per_second": round(burst.images_per_second, 1),
            "load_seconds": round(stats.load_seconds, 3),
            "memory_bytes": stats.memory_bytes,
        }
        return plan, measured, _why(best, entered, burst.images_per_second, best.agreement or agreement)

    def _refused(self, best: Tried, outcome: str, reason: str) -> tuple[None, dict[str, Any], str]:
        best.outcome, best.reason = outcome, reason
        return None, {}, f"the plan that was found is not used: {reason}"


def _why(best: Tried, entered: Tried, speed: float, agreement: Agreement) -> str:
    gain = speed / max(entered.images_per_second or 0, 1e-6)
    same = f"and agrees with the plain network on {agreement.compared} samples"
    return f"{speed:.1f} images/s in replicas as a job has them: {gain:.2f} × the plain network as entered, {same}"


def _outcome(plan: Plan | None, search: Search | None, *, why: str, seconds: float) -> dict[str, Any]:
    tried = search.tried if search else []
    entered = tried[0].images_per_second if tried else None
    agreement = search.best.agreement if search and tried else None
    return {
        "plan": plan.as_json() if plan else None,
        "tuning": {
            "why": why,
            "samples": search.compared if search else 0,
            "seconds": seconds,
            "plain_images_per_second": None if entered is None else round(entered, 1),
            "tolerance": TOLERANCE.as_json(),
            "agreement": agreement.as_json() if agreement else None,
            "tried": [each.as_json() for each in tried],
        },
    }
