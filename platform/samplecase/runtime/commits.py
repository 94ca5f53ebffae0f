"""The one thread that writes results: it gathers what the lanes hand over and commits it in groups."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

from samplecase.contracts.jobs import SampleResult
from samplecase.contracts.log_context import bound
from samplecase.runtime.batching import ChunkWork
from samplecase.runtime.ledger import Ledger, LedgerUnavailable

logger = logging.getLogger(__name__)

ATTEMPTS = 3


class Committer:
    """Commits each chunk's results at most `every_seconds` after the first of them, and at once when it is whole.

    `before_whole(job)` is called before a commit that completes a chunk, and so perhaps the job.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        every_seconds: float,
        before_whole: Callable[[int], None],
        fail: Callable[[int, str, str], None],
    ) -> None:
        self._ledger = ledger
        self._every_seconds = every_seconds
        self._before_whole = before_whole
        self._fail = fail
        self._lock = threading.Lock()
        self._waiting: dict[ChunkWork, list[SampleResult]] = {}
        self._attempts: dict[ChunkWork, int] = {}
        self._is_whole = threading.Event()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
        self._thread.start()

    def add(self, results: Iterable[tuple[ChunkWork, SampleResult]]) -> None:
        touched = set()
        with self._lock:
            for work, result in results:
                self._waiting.setdefault(work, []).append(result)
                touched.add(work)
            if any(self._completes(work) for work in touched):
                self._is_whole.set()

    def close(self) -> None:
        """Commit what is there and end."""
        self._is_closed = True
        self._is_whole.set()
        self._thread.join()

    def _run(self) -> None:
        next_of_all = 0.0
        while not self._is_closed:
            self._is_whole.wait(max(next_of_all - time.monotonic(), 0.0))
            self._is_whole.clear()
            if is_time := time.monotonic() >= next_of_all:
                next_of_all = time.monotonic() + self._every_seconds
            if not self._flush(only_whole=not is_time):
                # The database does not answer: no hurry, and no busy loop because a chunk is whole.
                time.sleep(self._every_seconds)
        self._flush()

    def _flush(self, *, only_whole: bool = False) -> bool:
        """Commit every group; False when the ledger does not answer, and what is left stays for the next time."""
        with self._lock:
            works = [work for work in self._waiting if not only_whole or self._completes(work)]
        answers = [self._commit_of_job(work) for work in works]
        return all(answers)

    def _commit_of_job(self, work: ChunkWork) -> bool:
        with bound(job=work.claim.job):
            return self._commit(work)

    def _completes(self, work: ChunkWork) -> bool:
        """Whether what waits is the last of its chunk; under the lock."""
        return len(self._waiting[work]) >= work.left

    def _commit(self, work: ChunkWork) -> bool:
        with self._lock:
            results = self._waiting.pop(work)
        if work.is_dropped:
            return True
        if len(results) >= work.left:
            self._before_whole(work.claim.job)
        try:
            with work.times.writing():
                is_held = self._ledger.commit(chunk=work.claim.chunk, fence=work.claim.fence, results=results)
        except LedgerUnavailable:
            logger.warning("the ledger does not answer; chunk %s is kept", work.claim.chunk)
            self._keep(work, results)
            return False
        except Exception as error:
            logger.exception("chunk %s cannot be written", work.claim.chunk)
            self._keep(work, results)
            self._count_attempt(work, error)
            return False
        self._attempts.pop(work, None)
        if not is_held:
            work.is_dropped = True
            return True
        with self._lock:
            work.left -= len(results)
            if work in self._waiting and self._completes(work):  # its last results came meanwhile
                self._is_whole.set()
        return True

    def _keep(self, work: ChunkWork, results: list[SampleResult]) -> None:
        with self._lock:
            self._waiting[work] = [*results, *self._waiting.get(work, [])]

    def _count_attempt(self, work: ChunkWork, error: Exception) -> None:
        """What fails for another reason than an absent database will fail again: end the job and say why."""
        self._attempts[work] = self._attempts.get(work, 0) + 1
        if self._attempts[work] >= ATTEMPTS:
            work.is_dropped = True
            del self._attempts[work]
            self._fail(work.claim.job, "not_written", f"the results cannot be written: {error}")
