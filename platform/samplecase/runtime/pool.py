"""The replicas of this executor: those at work, shared fairly, and those that stay loaded for a while after it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from samplecase.contracts.jobs import ModelSpec
from samplecase.contracts.plans import Tricks
from samplecase.runtime.engines.port import Replica


@dataclass(frozen=True)
class ReplicaKey:
    """What must be equal for a loaded replica to be used again. Its owner is part of it: see docs/architecture."""

    version: int  # one package may be uploaded with several schemas
    package_sha256: str
    owner: int
    sandbox: str
    custom_environment: bool
    num_gpus: int
    num_replicas: int
    threads: int
    tricks: Tricks | None
    is_tuning: bool

    @classmethod
    def of(cls, spec: ModelSpec) -> ReplicaKey:
        return cls(
            spec.version,
            spec.package_sha256,
            spec.owner,
            spec.sandbox,
            spec.custom_environment,
            spec.num_gpus,
            spec.num_replicas,
            spec.threads,
            spec.tricks,
            spec.is_tuning,
        )


WAITING_SECONDS = 1.0  # a borrower that was not heard of for so long no longer waits


@dataclass(frozen=True)
class Borrower:
    """Who works with replicas: a job (or the check of a deployment), and the user whose it is."""

    owner: int
    name: str


@dataclass(frozen=True)
class _Idle:
    key: ReplicaKey
    replica: Replica
    since: float


class ReplicaPool:
    """Lends replicas, never more than `max_replicas` besides the first of each borrower.

    Where there is no room for all, users have equally many, and so have each user's jobs: who waits gets the next that
    is free before those who have more, and these are told to give one back (`must_yield`). No user has more than
    `max_per_owner` (0: any number), their first ones included.
    """

    def __init__(
        self,
        start: Callable[[ModelSpec], Replica],
        *,
        max_replicas: int,
        idle_seconds: float,
        max_per_owner: int = 0,
    ) -> None:
        self._start = start
        self.max_replicas = max_replicas
        self._max_per_owner = max_per_owner
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._idle: list[_Idle] = []
        self._lent: Counter[Borrower] = Counter()
        self._promised: Counter[Borrower] = (
            Counter()
        )  # of those lent: will be given back when their work is done
        self._waiting: dict[Borrower, float] = {}
        self._is_closed = False

    def borrow(
        self, spec: ModelSpec, borrower: Borrower, *, is_first: bool, is_new: bool = False
    ) -> Replica | None:
        """A loaded replica, warm or new (`is_new`: new only); None when there is no room.

        Raises what starting one raises.
        """
        key = ReplicaKey.of(spec)
        with self._lock:
            if not self._may_have_one_more(borrower, is_first=is_first):
                self._waiting[borrower] = time.monotonic()
                return None
            self._waiting.pop(borrower, None)
            fitting = () if is_new else self._idle
            warm = next((idle for idle in fitting if idle.key == key and idle.replica.is_alive), None)
            self._lent[borrower] += 1
            if warm is not None:
                self._idle.remove(warm)
            evicted = self._too_many()
        _close(evicted)
        if warm is not None:
            warm.replica.new_log()  # what it printed after an earlier job's end is not this one's
            return warm.replica
        try:
            return self._start(spec)
        except BaseException:
            self._forget_one(borrower)
            raise

    def must_yield(self, borrower: Borrower) -> bool:
        """Whether `borrower` is to give one back, because somebody waits who has at least two fewer.

        Who is told so is counted without that one from now on, so that he is not told once more for the same reason.
        """
        with self._lock:
            is_due = any(self._lead(borrower, each) >= 2 for each in self._waiting_beside(borrower))
            self._promised[borrower] += int(is_due)
            return is_due

    def give_back(self, spec: ModelSpec, borrower: Borrower, replica: Replica) -> None:
        """Keep it warm; one that is dead, or comes back after the end, is cleared away."""
        self._forget_one(borrower)
        with self._lock:
            keep = replica.is_alive and not self._is_closed and self._idle_seconds > 0
            if keep:
                self._idle.append(_Idle(ReplicaKey.of(spec), replica, time.monotonic()))
            evicted = self._too_many()
        _close(evicted if keep else [*evicted, replica])

    def _forget_one(self, borrower: Borrower) -> None:
        with self._lock:
            self._lent[borrower] -= 1
            self._promised[borrower] -= 1
            self._lent, self._promised = +self._lent, +self._promised

    # All of these need the lock.

    def _may_have_one_more(self, borrower: Borrower, *, is_first: bool) -> bool:
        if self._is_full(borrower.owner):
            return False
        if is_first:
            return True
        is_room = self._lent.total() < self.max_replicas
        return is_room and all(self._lead(borrower, each) <= 0 for each in self._waiting_beside(borrower))

    def _waiting_beside(self, borrower: Borrower) -> list[Borrower]:
        """Who asked in vain lately, and could have what `borrower` gives up."""
        since = time.monotonic() - WAITING_SECONDS
        self._waiting = {each: at for each, at in self._waiting.items() if at >= since}
        return [
            each for each in self._waiting if each.owner == borrower.owner or not self._is_full(each.owner)
        ]

    def _is_full(self, owner: int) -> bool:
        return 0 < self._max_per_owner <= self._of_owner(owner)

    def _lead(self, one: Borrower, other: Borrower) -> int:
        """How many more `one` has: his user, or if it is the same user, he himself."""
        if one.owner == other.owner:
            return self._staying(one) - self._staying(other)
        mine, others = (
            sum(self._staying(each) for each in self._lent if each.owner == owner)
            for owner in (one.owner, other.owner)
        )
        return mine - others

    def _staying(self, borrower: Borrower) -> int:
        return self._lent[borrower] - self._promised[borrower]

    def _of_owner(self, owner: int) -> int:
        return sum(number for borrower, number in self._lent.items() if borrower.owner == owner)

    def _too_many(self) -> list[Replica]:
        """Take out the idle ones for which there is no room, the longest idle first. Needs the lock."""
        excess = max(0, len(self._idle) + self._lent.total() - self.max_replicas)
        gone, self._idle = self._idle[:excess], self._idle[excess:]
        return [idle.replica for idle in gone]

    def expire(self) -> None:
        """Close what has been idle for too long, or died meanwhile."""
        limit = time.monotonic() - self._idle_seconds
        with self._lock:
            old = [idle for idle in self._idle if idle.since < limit or not idle.replica.is_alive]
            self._idle = [idle for idle in self._idle if idle not in old]
        _close([idle.replica for idle in old])

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        _close([each.replica for each in idle])


def _close(replicas: list[Replica]) -> None:
    """All at the same time: each may need seconds for its teardown."""
    closing = [threading.Thread(target=replica.close, daemon=True) for replica in replicas]
    for thread in closing:
        thread.start()
    for thread in closing:
        thread.join()
