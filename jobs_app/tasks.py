"""What the worker's queue calls. Tasks take ids, last seconds and may come twice: the tables decide what is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from jobs_app import bulk, evaluating, idempotency, projecting, starting, undoing
from jobs_app.exchange import cleaning, exporting, importing
from samplecase.contracts.log_context import bound
from samplecase.web.accounts.lockout import forget_old_tallies
from samplecase.web.accounts.sessions import forget_expired_sessions
from samplecase.web.uploads import removing

Answer = TypeVar("Answer")


def of_job(task: Callable[[int], Answer]) -> Callable[[int], Answer]:
    """What is logged meanwhile names the job."""

    @wraps(task)
    def named(job_id: int) -> Answer:
        with bound(job=job_id):
            return task(job_id)

    return named


@of_job
def start_job(job_id: int) -> bool:
    """The doorbell of a submit."""
    return starting.start(job_id)


@of_job
def evaluate(job_id: int) -> None:
    """A stretch of an evaluation."""
    evaluating.work_on(job_id)


@of_job
def import_samples(job_id: int) -> None:
    """A stretch of an import."""
    importing.work_on(job_id)


@of_job
def export_samples(job_id: int) -> None:
    """A stretch of an export."""
    exporting.work_on(job_id)


@of_job
def project(job_id: int) -> None:
    """A stretch of a projection."""
    projecting.work_on(job_id)


@of_job
def change_samples(job_id: int) -> None:
    """A stretch of a bulk action."""
    bulk.work_on(job_id)


@of_job
def undo(job_id: int) -> None:
    """A stretch of an undo."""
    undoing.work_on(job_id)


def sweep() -> int:
    """Every minute, so that evaluations and undos go on even where no executor runs."""
    return starting.sweep()


def forget_exchanged_files() -> int:
    """Every hour."""
    return cleaning.forget_files()


def forget_idempotency_keys() -> int:
    """Every hour."""
    return idempotency.forget_expired()


def forget_uploads() -> int:
    """Every ten minutes: uploads that nobody went on with, and what killed processes left of others."""
    return removing.sweep()


def forget_sign_ins() -> int:
    """Every hour: sessions that have expired, and failed tries to sign in that no longer count."""
    return forget_expired_sessions() + forget_old_tallies()
