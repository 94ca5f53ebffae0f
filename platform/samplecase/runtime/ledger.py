"""The port through which the executor reaches the ledger. `jobs_app` implements it on the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from samplecase.contracts.jobs import ChunkClaim, DeploymentClaim, DeploymentReport, SampleResult, WorkReport


class Ledger(Protocol):
    """The truth about jobs and deployments. Every method is one transaction and may be repeated safely.

    Methods raise `LedgerUnavailable` when the database does not answer; the caller tries again and, until
    a lease runs out, keeps what it holds. `executor` names the calling process for the people who read the rows.
    """

    def sweep(self) -> int:
        """Start what stayed queued for over five seconds; return how many jobs that were."""

    def claim_chunk(
        self, *, executor: str, lease_seconds: float, busy_jobs: Collection[int] = ()
    ) -> ChunkClaim | None:
        """Claim the next chunk of a running job, whose lease is free or over, or None.

        Users take turns, and each user's jobs do: nobody waits for the end of another's job. Jobs in
        `busy_jobs` (those that have as many chunks here as they can use) are passed over.
        """

    def renew(self, *, claims: Collection[tuple[int, int]], lease_seconds: float) -> set[tuple[int, int]]:
        """Prolong the leases of `(chunk, fence)` pairs; return those still held and whose job still runs.

        A pause takes all of a job's chunks from their holders.
        """

    def commit(self, *, chunk: int, fence: int, results: Sequence[SampleResult]) -> bool:
        """Write the results, their outcomes and the job's counters together.

        Returns False, and writes nothing, when the fence is no longer this one or the job no longer runs: the
        caller discards the chunk. Results of samples that already have an outcome are passed over, so a
        commit whose answer was lost may be repeated.
        """

    def release(self, *, chunk: int, fence: int) -> None:
        """Give a chunk back before its lease ends, at shutdown."""

    def fail_job(self, *, job: int, code: str, message: str) -> None:
        """End a running job whose model cannot start or whose data is gone."""

    def append_job_log(self, *, job: int, text: str) -> None:
        """Add to the model's output that the job's owner may read."""

    def report_work(self, *, job: int, executor: str, report: WorkReport) -> None:
        """Record what this executor has done for a job so far; each report replaces the one before."""

    def claim_deployment(self, *, executor: str, lease_seconds: float) -> DeploymentClaim | None:
        """Claim a pending deployment (or one whose check was lost) for its check, or None."""

    def renew_deployment(
        self, *, deployment: int, fence: int, lease_seconds: float, log: str | None = None
    ) -> bool:
        """Prolong the check's lease; False when it was stopped, deleted or taken over. `log` is what it is now."""

    def report_deployment(self, *, deployment: int, fence: int, report: DeploymentReport, log: str) -> bool:
        """Record the check's end; False (and nothing written) when the fence is no longer this one."""

    def leave(self) -> None:
        """The calling thread asks nothing more, or not soon: what is kept for it, such as a connection, is given up."""


class LedgerUnavailable(Exception):
    """The database does not answer; the work is kept and tried again."""
