"""Mini-batches: formed across the chunks of one job, and narrowed down where one of them fails."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from samplecase.contracts.jobs import ChunkClaim, SampleRef
from samplecase.runtime.work_times import WorkTimes

AHEAD_SECONDS = 0.5  # how much work, in time, is claimed before it is needed


class ChunkWork:
    """A claimed chunk in the hands of this executor."""

    def __init__(self, claim: ChunkClaim, times: WorkTimes) -> None:
        self.claim = claim
        self.times = times  # of its job on this executor
        self.is_dropped = False  # its lease or its job is gone: nothing of it is done or written any more
        self.left = len(claim.samples)  # samples without a committed outcome

    @property
    def key(self) -> tuple[int, int]:
        return self.claim.chunk, self.claim.fence


class Item(NamedTuple):
    """One sample to be predicted, and the chunk that it belongs to."""

    work: ChunkWork
    sample: SampleRef


class WorkQueue:
    """What one job still has to predict. Bundles that were put back stay together and come first.

    While more may come, fresh samples leave it in whole mini-batches only, so that these are full across the borders of
    chunks. `when_low` is called when fewer than `enough` wait.
    """

    def __init__(self, mini_batch: int, *, enough: int, when_low: Callable[[], None]) -> None:
        self._condition = threading.Condition()
        self._fresh: deque[Item] = deque()
        self._again: deque[Sequence[Item]] = deque()
        self._limit = mini_batch
        self._least = enough
        self._when_low = when_low
        self._taken = 0
        self._began = time.monotonic()
        self._may_grow = True
        self._is_closed = False

    def add(self, work: ChunkWork) -> None:
        with self._condition:
            self._fresh.extend(Item(work, sample) for sample in work.claim.samples)
            self._may_grow = True
            self._condition.notify_all()

    def nothing_more(self) -> None:
        """The ledger has nothing more for now: what waits is taken even where it fills no mini-batch."""
        with self._condition:
            self._may_grow = False
            self._condition.notify_all()

    def put_back(self, bundles: Iterable[Sequence[Item]]) -> None:
        with self._condition:
            self._again.extendleft(reversed([bundle for bundle in bundles if bundle]))
            self._condition.notify_all()

    def wait(self) -> bool:
        """Until there is something to do; False when the queue is closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._is_closed or self._again or self._is_ripe())
            return not self._is_closed

    def _is_ripe(self) -> bool:
        return len(self._fresh) >= (self._limit if self._may_grow else 1)

    def take(self) -> Sequence[Item]:
        """The next mini-batch, which may be empty when others were faster."""
        with self._condition:
            bundle = self._again.popleft() if self._again else self._next_fresh()
            self._taken += len(bundle)
            is_low = self._may_grow and not self._has_enough()
        if is_low:
            self._when_low()
        return [item for item in bundle if not item.work.is_dropped]

    def _next_fresh(self) -> list[Item]:
        if not self._is_ripe():
            return []
        return [self._fresh.popleft() for _ in range(min(self._limit, len(self._fresh)))]

    def coming(self, number: int) -> list[Item]:
        """The fresh samples whose turn is next."""
        with self._condition:
            return list(islice(self._fresh, number))

    def limit(self, size: int) -> None:
        """Remember that no batch over this size fits in memory."""
        with self._condition:
            self._limit = max(1, min(self._limit, size))
            self._condition.notify_all()

    def close(self) -> None:
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()

    @property
    def has_enough(self) -> bool:
        """Whether the job has as much work here as it can use before the ledger is asked again."""
        with self._condition:
            return self._has_enough()

    @property
    def rate(self) -> float:
        """Samples taken a second, since the beginning."""
        return self._taken / max(1.0, time.monotonic() - self._began)

    def _has_enough(self) -> bool:
        waiting = len(self._fresh) + sum(map(len, self._again))
        return waiting >= max(self._least, self.rate * AHEAD_SECONDS)


def halves(items: Sequence[Item]) -> list[Sequence[Item]]:
    middle = (len(items) + 1) // 2
    return [items[:middle], items[middle:]]


def singles(items: Sequence[Item]) -> list[Sequence[Item]]:
    return [[item] for item in items]
