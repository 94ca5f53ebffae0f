"""A job's place for one replica: borrowed from the pool when there is work, given back when others wait for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from samplecase.contracts.jobs import ModelSpec
from samplecase.contracts.states import ReplicaState
from samplecase.runtime.engines.port import Replica, ReplicaNotStarted
from samplecase.runtime.pool import Borrower, ReplicaPool

LANES = 2  # batches in flight per replica: one that runs, one that is read and decoded meanwhile


class Station:
    """One of the job's places for a replica, shared by its lanes."""

    def __init__(self, spec: ModelSpec, pool: ReplicaPool, borrower: Borrower, *, is_first: bool) -> None:
        self._spec = spec
        self._pool = pool
        self._borrower = borrower
        self._is_first = is_first
        self._lock = threading.Lock()  # held while a replica is loaded
        self._log_lock = threading.Lock()  # held for moments only
        self._count_lock = threading.Lock()  # likewise
        self._at_work = 0  # lanes with a bundle at the replica
        self._is_due = False  # the replica goes back as soon as none has: others wait for it
        self._lanes = LANES
        self._replica: Replica | None = None
        self._failure: ReplicaNotStarted | None = None
        self._is_loading = False
        self._log: list[str] = []
        self.done = 0  # samples that its replicas answered

    @property
    def state(self) -> ReplicaState:
        if self._failure is not None:
            return ReplicaState.FAILED
        if self._is_loading:
            return ReplicaState.LOADING
        if self._replica is None:
            return ReplicaState.WAITING
        return ReplicaState.WORKING if self._at_work else ReplicaState.IDLE

    @property
    def has_hope(self) -> bool:
        """Whether its replica runs, or may yet be loaded."""
        return self.state in (ReplicaState.LOADING, ReplicaState.IDLE, ReplicaState.WORKING)

    @contextmanager
    def replica(self) -> Iterator[Replica | None]:
        """The replica here for one bundle, started if need be; None when the pool has no room for it now."""
        replica = self._enter()
        try:
            yield replica
        finally:
            if replica is not None:
                self._exit()

    def _enter(self) -> Replica | None:
        with self._lock:
            if self._replica is not None and not self._replica.is_alive:
                self._return()
            if self._failure is not None:
                raise self._failure
            if self._replica is not None and not self._is_first:
                self._is_due = self._is_due or self._pool.must_yield(self._borrower)
            if self._is_due:
                if not self._at_work:
                    self._return()
                return None
            if self._replica is None:
                self._replica = self._borrow()
            if self._replica is not None:
                with self._count_lock:
                    self._at_work += 1
            return self._replica

    def _exit(self) -> None:
        with self._count_lock:
            self._at_work -= 1
            is_last = self._is_due and not self._at_work
        if is_last:
            with self._lock:
                if self._is_due and not self._at_work:
                    self._return()

    def _borrow(self) -> Replica | None:
        self._is_loading = True
        try:
            replica = self._pool.borrow(self._spec, self._borrower, is_first=self._is_first)
            if replica is not None:
                with self._log_lock:
                    self._log.append(replica.load_log)
            return replica
        except ReplicaNotStarted as error:
            self._failure = error  # the other lane need not try as well
            raise
        finally:
            self._is_loading = False

    def count(self, samples: int) -> None:
        with self._count_lock:
            self.done += samples

    def leave(self) -> None:
        """A lane ends; with the last one the replica goes back, whatever other stations still wait for."""
        with self._lock:
            self._lanes -= 1
            if not self._lanes:
                self._return()

    def kill(self) -> None:
        """End its replica even while a lane waits for it, and so without the lock."""
        replica = self._replica
        if replica is not None:
            replica.kill()

    def new_log(self) -> str:
        """What its replicas printed since this was last asked; each one's loading belongs to every job it serves."""
        with self._log_lock:
            if self._replica is not None:
                self._log.append(self._replica.new_log())
            text = "".join(self._log)
            self._log.clear()
            return text

    def _return(self) -> None:
        self._is_due = False
        with self._log_lock:
            replica, self._replica = self._replica, None
            if replica is not None:
                self._log.append(replica.new_log())
        if replica is not None:
            self._pool.give_back(self._spec, self._borrower, replica)
