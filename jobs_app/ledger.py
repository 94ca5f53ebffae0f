"""The executor's port to the database: `samplecase.runtime.ledger.Ledger` on Django's tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from django.db import IntegrityError, InterfaceError, OperationalError, connections
from django.db.models import F, Value
from django.db.models.functions import Concat, Right

from jobs_app import checks, chunks, lifecycle, starting, trials, work
from jobs_app.models import Chunk, Job
from jobs_app.specs import Specs
from jobs_app.turns import turn_to_write
from samplecase.contracts.errors import NotFound
from samplecase.contracts.jobs import ChunkClaim, DeploymentClaim, DeploymentReport, SampleResult, WorkReport
from samplecase.contracts.texts import storable
from samplecase.runtime.ledger import LedgerUnavailable

LOG_LENGTH = 256 * 1024  # characters of a job's log that are kept: its last ones
CHUNKS_WITHOUT_WORK = 16  # that one claim may settle by itself before the executor is let at its other duties


class DatabaseLedger:
    """One per executor process; its methods may be called from several threads."""

    def __init__(self) -> None:
        self._specs = Specs()
        self._last_owner = 0
        self._last_jobs: dict[int, int] = {}  # of each owner

    def sweep(self) -> int:
        with _database():
            return starting.sweep()

    def claim_chunk(
        self, *, executor: str, lease_seconds: float, busy_jobs: Collection[int] = ()
    ) -> ChunkClaim | None:
        """Takes from the users in turn, and from each user's running jobs in turn: nobody waits for another's end."""
        with _database():
            for _ in range(CHUNKS_WITHOUT_WORK):
                claim = self._claim_next(executor, lease_seconds, busy_jobs)
                if claim is None or claim.samples:
                    return claim
        return None

    def renew(self, *, claims: Collection[tuple[int, int]], lease_seconds: float) -> set[tuple[int, int]]:
        with _database():
            return chunks.renew(claims=claims, lease_seconds=lease_seconds)

    def commit(self, *, chunk: int, fence: int, results: Sequence[SampleResult]) -> bool:
        with _database():
            try:
                return chunks.commit(chunk_id=chunk, fence=fence, results=results)
            except NotFound as error:
                job = Chunk.objects.filter(pk=chunk).values_list("job", flat=True).first()
                if job is not None:
                    with turn_to_write():
                        lifecycle.fail(job_id=job, code=error.code, message=error.message)
                return False

    def release(self, *, chunk: int, fence: int) -> None:
        with _database(), turn_to_write():
            chunks.release(chunk_id=chunk, fence=fence)

    def fail_job(self, *, job: int, code: str, message: str) -> None:
        with _database(), turn_to_write():
            lifecycle.fail(job_id=job, code=storable(code)[:60], message=storable(message))

    def append_job_log(self, *, job: int, text: str) -> None:
        with _database(), turn_to_write():
            whole = Concat(F("log"), Value(storable(text)))
            Job.objects.filter(pk=job).update(log=Right(whole, LOG_LENGTH))

    def report_work(self, *, job: int, executor: str, report: WorkReport) -> None:
        with _database(), turn_to_write():
            work.report(job=job, executor=executor, work=report)

    def claim_deployment(self, *, executor: str, lease_seconds: float) -> DeploymentClaim | None:
        with _database():
            return checks.claim(executor=executor, lease_seconds=lease_seconds)

    def renew_deployment(
        self, *, deployment: int, fence: int, lease_seconds: float, log: str | None = None
    ) -> bool:
        with _database():
            return checks.renew(deployment=deployment, fence=fence, lease_seconds=lease_seconds, log=log)

    def report_deployment(self, *, deployment: int, fence: int, report: DeploymentReport, log: str) -> bool:
        with _database():
            return checks.report(deployment=deployment, fence=fence, found=report, log=log)

    def leave(self) -> None:
        """Threads that end would leave their connections to the garbage collector, which comes seldom."""
        connections.close_all()

    def _claim_next(
        self, executor: str, lease_seconds: float, busy_jobs: Collection[int]
    ) -> ChunkClaim | None:
        step = trials.next_step(executor)
        if not step.may_claim:
            return None
        if step.first is not None:
            job, chunk = step.first
            claim = chunks.claim(
                job_id=job,
                executor=executor,
                lease_seconds=lease_seconds,
                specs=self._specs,
                chunk_id=chunk,
            )
            if claim is not None:
                return claim
        candidates = chunks.jobs_with_work(passing_over=busy_jobs)
        for owner, job in sorted(candidates, key=self._turn):
            claim = chunks.claim(
                job_id=job, executor=executor, lease_seconds=lease_seconds, specs=self._specs
            )
            if claim is not None:
                self._last_owner = owner
                self._last_jobs[owner] = job
                return claim
        return None

    def _turn(self, candidate: tuple[int, int]) -> tuple[bool, int, bool, int]:
        """Sorts the owners after the last one first, and each one's jobs after his last one first."""
        owner, job = candidate
        return owner <= self._last_owner, owner, job <= self._last_jobs.get(owner, 0), job


@contextmanager
def _database() -> Iterator[None]:
    """Turns a database that does not answer into the port's own word for it, and drops connections that broke.

    A constraint that was violated is such a failure too: another writer came first, and the next try will see it.
    """
    try:
        yield
    except (OperationalError, InterfaceError, IntegrityError) as error:
        raise LedgerUnavailable(str(error)) from error
    finally:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
